import {
  CreateChangeSetCommand,
  CreateStackCommand,
  type CreateStackInput,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { Refused } from "../../../blocks/Refused";
import { cloudformation } from "../client";

/** What CreateStack, UpdateStack and CreateChangeSet have in common. */
type Asked = Pick<CreateStackInput, "TemplateBody" | "Parameters" | "Capabilities" | "RoleARN"> & {
  StackName: string;
};

interface Props {
  updates: boolean;
  ready: boolean;
  /** Parameters without a value. */
  lacks: readonly string[];
  request: Asked;
}

/** Makes or updates a stack at once, or a change set to look at first. */
export function Submit({ updates, ready, lacks, request }: Props) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const stack = request.StackName;
  const start = async (change: () => Promise<unknown>, place: string) => {
    setBusy(true);
    setRefusal(undefined);
    try {
      await change();
    } catch (error) {
      setRefusal(refusalOf(error));
      setBusy(false);
      return;
    }
    void navigate(place);
  };
  const atOnce = () =>
    start(
      () =>
        cloudformation().send(updates ? new UpdateStackCommand(request) : new CreateStackCommand(request)),
      to("cloudformation", "stacks", stack),
    );
  const look = () => {
    const ChangeSetName = `console-${Date.now()}`;
    const ChangeSetType = updates ? "UPDATE" : "CREATE";
    return start(
      () => cloudformation().send(new CreateChangeSetCommand({ ...request, ChangeSetName, ChangeSetType })),
      to("cloudformation", "stacks", stack, "change-sets", ChangeSetName),
    );
  };
  return (
    <SpaceBetween size="m">
      <Refused of={refusal} />
      {lacks.length > 0 && <Box color="text-body-secondary">Without a value: {lacks.join(", ")}.</Box>}
      <SpaceBetween direction="horizontal" size="xs">
        <Button
          onClick={() =>
            void navigate(updates ? to("cloudformation", "stacks", stack) : "/cloudformation/stacks")
          }
        >
          Cancel
        </Button>
        <Button disabled={!ready || busy} onClick={() => void look()}>
          See the changes first
        </Button>
        <Button variant="primary" loading={busy} disabled={!ready} onClick={() => void atOnce()}>
          {updates ? "Update" : "Create"}
        </Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}
