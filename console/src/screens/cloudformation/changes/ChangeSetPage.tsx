import {
  DescribeChangeSetCommand,
  type DescribeChangeSetCommandOutput,
  ExecuteChangeSetCommand,
} from "@aws-sdk/client-cloudformation";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { to } from "../../../app/links";
import { notify } from "../../../app/notices";
import { Ago } from "../../../blocks/Ago";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { Page } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { type Live, useLive } from "../../../live/useLive";
import { cloudformation } from "../client";
import { goesOn } from "../stacks/states";
import { Changes } from "./Changes";

type ChangeSet = DescribeChangeSetCommandOutput;

/** One change set: what would be made, changed, replaced, taken away. It is executed here. */
export default function ChangeSetPage() {
  const { name = "", set = "" } = useParams();
  const live = useLive(
    ["cloudformation", `change set ${name} ${set}`],
    () => cloudformation().send(new DescribeChangeSetCommand({ StackName: name, ChangeSetName: set })),
    { changing: (one) => goesOn(one.Status) },
  );
  const found = live.data;
  return (
    <Page
      crumbs={[
        { text: "CloudFormation", to: "/cloudformation" },
        { text: "Stacks", to: "/cloudformation/stacks" },
        { text: name, to: to("cloudformation", "stacks", name) },
        { text: set },
      ]}
      title={set}
      description={<LiveMark of={live} />}
      refusal={found ? undefined : live.refusal}
      actions={<Execute stack={name} set={set} live={live} />}
    >
      {found && (
        <Container>
          <KeyValues
            of={{
              Status: <Status of={found.Status} />,
              Execution: <Status of={found.ExecutionStatus} />,
              Created: <Ago at={found.CreationTime} />,
              ...(found.StatusReason ? { Why: found.StatusReason } : {}),
            }}
          />
        </Container>
      )}
      {found && <Changes of={found.Changes ?? []} />}
    </Page>
  );
}

function Execute({ stack, set, live }: { stack: string; set: string; live: Live<ChangeSet> }) {
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const execute = async () => {
    setBusy(true);
    try {
      await cloudformation().send(new ExecuteChangeSetCommand({ StackName: stack, ChangeSetName: set }));
      void navigate(to("cloudformation", "stacks", stack));
    } catch (error) {
      notify.error(`Execute ${set}`, error);
    }
    setBusy(false);
  };
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
      <Button
        variant="primary"
        loading={busy}
        disabled={live.data?.ExecutionStatus !== "AVAILABLE"}
        onClick={() => void execute()}
      >
        Execute
      </Button>
    </SpaceBetween>
  );
}
