import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs, { type TabsProps } from "@cloudscape-design/components/tabs";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import { notify } from "../../../app/notices";
import { LiveMark } from "../../../blocks/LiveMark";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import type { Live } from "../../../live/useLive";
import { LineageButton } from "../lineage/LineageButton";
import { Failure } from "./Failure";
import { JobLog } from "./JobLog";
import { runs } from "./states";
import { hostsIn } from "./streams";

interface Props {
  /** `training`: its list is `training-jobs`, its form `create-training-job`. */
  kind: "training" | "processing" | "transform";
  name: string;
  arn: string | undefined;
  live: Live<unknown>;
  status: string | undefined;
  /** Why it failed, if it did. */
  failure: string | undefined;
  stop: () => Promise<unknown>;
  /** Deletes it, where AWS has an operation for that; what then goes, and what stays. */
  remove?: { job: () => Promise<unknown>; consequence: string };
  group: string;
  streams: string[];
  summary: ReactNode;
  /** Beside the log. */
  tabs: TabsProps.Tab[];
}

/** The page of one job of any kind: stop, clone, delete; what became of it, what it says, and the rest in tabs. */
export function JobFrame({
  kind,
  name,
  arn,
  live,
  status,
  failure,
  stop,
  remove,
  group,
  streams,
  ...content
}: Props) {
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const list = `/sagemaker/${kind}-jobs`;
  const known = live.data !== undefined;
  const running = runs(status);
  const hosts = hostsIn(streams);
  const end = () =>
    stop()
      .catch((error: unknown) => notify.error(`Stop ${name}`, error))
      .finally(live.refresh);
  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)} jobs`, to: list },
        { text: name },
      ]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={known ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
          <LineageButton of={arn} />
          <Button disabled={status !== "InProgress"} onClick={() => void end()}>
            Stop
          </Button>
          <Button
            disabled={!known}
            onClick={() => void navigate(`/sagemaker/create-${kind}-job?like=${encodeURIComponent(name)}`)}
          >
            Clone as new job
          </Button>
          {remove && (
            <Button disabled={!known || running} onClick={() => setDeleting(true)}>
              Delete
            </Button>
          )}
        </SpaceBetween>
      }
    >
      <Failure reason={failure} />
      {content.summary}
      {known && (
        <Tabs
          ariaLabel="About the job"
          tabs={[
            {
              id: "log",
              label: hosts > 1 ? `Log of ${hosts} hosts` : "Log",
              content: <JobLog group={group} streams={streams} running={running} />,
            },
            ...content.tabs,
          ]}
        />
      )}
      {remove && deleting && (
        <DeleteModal
          words={{ one: `${kind} job`, many: `${kind} jobs` }}
          items={[name]}
          nameOf={(item) => item}
          remove={remove.job}
          consequence={remove.consequence}
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate(list);
          }}
        />
      )}
    </Page>
  );
}
