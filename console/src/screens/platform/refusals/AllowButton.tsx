import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { notify } from "../../../app/notices";
import { aws } from "../../../aws/client";
import { policyName } from "./allowing";

interface Props {
  action: string;
  policy: unknown;
  to: { kind: string; name: string };
}

async function allow({ action, policy, to: { kind, name } }: Props): Promise<void> {
  const { IAMClient, PutRolePolicyCommand, PutUserPolicyCommand } = await import("@aws-sdk/client-iam");
  const request = { PolicyName: policyName(action, policy), PolicyDocument: JSON.stringify(policy) };
  await (kind === "user"
    ? aws(IAMClient).send(new PutUserPolicyCommand({ UserName: name, ...request }))
    : aws(IAMClient).send(new PutRolePolicyCommand({ RoleName: name, ...request })));
}

/** Puts the smallest policy on the role or the user that lacks it; nothing for a resource's own policy. */
export function AllowButton(props: Props) {
  const [busy, setBusy] = useState(false);
  const { kind, name } = props.to;
  if (kind !== "role" && kind !== "user") return null;
  const run = async () => {
    setBusy(true);
    try {
      await allow(props);
      notify.success(`${name} may ${props.action} there from now on.`);
    } catch (error) {
      notify.error(`Allowing ${props.action} to ${name}`, error);
    }
    setBusy(false);
  };
  return (
    <Button loading={busy} onClick={() => void run()}>
      Put it on the {kind} {name}
    </Button>
  );
}
