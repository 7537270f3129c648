import {
  CloudWatchLogsClient,
  DeleteRetentionPolicyCommand,
  type LogGroup,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { useState } from "react";
import { aws } from "../../../aws/client";
import { Choice } from "../../../blocks/fields/Choice";
import { FormModal } from "../../../blocks/modals/FormModal";

/** Documented: PutRetentionPolicy, retentionInDays. */
const DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const OPTIONS = [
  { value: "", label: "For ever" },
  ...DAYS.map((days) => ({ value: String(days), label: `${days} ${days === 1 ? "day" : "days"}` })),
];

interface Props {
  groups: LogGroup[];
  onClose: (done: boolean) => void;
}

/** How long lines are kept. */
export function RetentionModal({ groups, onClose }: Props) {
  const [days, setDays] = useState(String(groups[0]?.retentionInDays ?? ""));
  const save = async () => {
    for (const { logGroupName } of groups)
      await aws(CloudWatchLogsClient).send(
        days
          ? new PutRetentionPolicyCommand({ logGroupName, retentionInDays: Number(days) })
          : (new DeleteRetentionPolicyCommand({ logGroupName }) as never),
      );
  };
  return (
    <FormModal
      title={groups.length === 1 ? `${groups[0]?.logGroupName}` : `${groups.length} log groups`}
      verb="Save"
      ready
      submit={save}
      onClose={onClose}
    >
      <Choice
        label="Lines are kept"
        description="What is older goes, and does not come back."
        value={days}
        options={OPTIONS}
        onChange={setDays}
      />
    </FormModal>
  );
}
