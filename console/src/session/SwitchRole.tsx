import { IAMClient, paginateListRoles } from "@aws-sdk/client-iam";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { aws } from "../aws/client";
import { collect } from "../aws/collect";
import { type Refusal, refusalOf } from "../aws/refusal";
import { Refused } from "../blocks/Refused";
import { useLive } from "../live/useLive";
import { sessionOfRole } from "./roles";
import { useSession, useSessions } from "./session";

/** Becomes a role: one then sees what it sees, and what it is refused. */
export default function SwitchRole({ onClose }: { onClose: () => void }) {
  const { account } = useSession();
  const [role, setRole] = useState("");
  const [refusal, setRefusal] = useState<Refusal>();
  const [busy, setBusy] = useState(false);
  const roles = useLive(["iam", "roles"], () =>
    collect(paginateListRoles({ client: aws(IAMClient) }, {}), (page) => page.Roles),
  );

  const become = async () => {
    setBusy(true);
    setRefusal(undefined);
    try {
      const known = roles.data?.find(({ RoleName }) => RoleName === role)?.Arn;
      const arn = role.startsWith("arn:") ? role : (known ?? `arn:aws:iam::${account}:role/${role}`);
      useSessions.getState().become(await sessionOfRole(arn, "console"));
      onClose();
    } catch (error) {
      setRefusal(refusalOf(error));
      setBusy(false);
    }
  };

  return (
    <Modal
      visible
      header="Switch role"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              Cancel
            </Button>
            <Button variant="primary" loading={busy} disabled={!role} onClick={() => void become()}>
              Switch
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        <Refused of={refusal} />
        <FormField
          label="Role"
          description="By AssumeRole as who you are now: the role's trust policy must allow it. You then see what the role sees, and what it is refused."
        >
          <Autosuggest
            value={role}
            onChange={({ detail }) => setRole(detail.value)}
            options={(roles.data ?? []).map(({ RoleName = "", Description }) => ({
              value: RoleName,
              ...(Description ? { description: Description } : {}),
            }))}
            statusType={roles.loading ? "loading" : "finished"}
            loadingText="Loading roles"
            placeholder="Name or ARN"
            empty="No roles"
            enteredTextLabel={(value) => `Use ${value}`}
            ariaLabel="Role"
            autoFocus
          />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
