import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  type LogGroup,
  paginateDescribeLogGroups,
} from "@aws-sdk/client-cloudwatch-logs";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { bytes } from "../../../blocks/formats/amounts";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { RetentionModal } from "./RetentionModal";

const nameOf = (group: LogGroup) => group.logGroupName ?? "";
const createdOf = (group: LogGroup) =>
  group.creationTime === undefined ? undefined : new Date(group.creationTime);

const columns: Column<LogGroup>[] = [
  {
    id: "name",
    header: "Log group",
    value: nameOf,
    cell: (group) => <GoTo to={to("cloudwatch", "log-groups", nameOf(group))}>{nameOf(group)}</GoTo>,
    width: 420,
  },
  {
    id: "size",
    header: "Size",
    value: (group) => group.storedBytes,
    cell: (group) => bytes(group.storedBytes),
  },
  {
    id: "retention",
    header: "Kept for",
    value: (group) => group.retentionInDays,
    cell: (group) => (group.retentionInDays ? `${group.retentionInDays} days` : "ever"),
  },
  { id: "created", header: "Created", value: createdOf, cell: (group) => <Ago at={createdOf(group)} /> },
];

/** All log groups. */
export default function GroupList() {
  useCrumbs([{ text: "CloudWatch", to: "/cloudwatch" }, { text: "Log groups" }]);
  const navigate = useNavigate();
  const [keeping, setKeeping] = useState<LogGroup[]>();
  const [creating, setCreating] = useState(false);
  const live = useLive(["logs", "groups"], () =>
    collect(paginateDescribeLogGroups({ client: aws(CloudWatchLogsClient) }, {}), (page) => page.logGroups),
  );
  return (
    <>
      <ResourceList
        id="cloudwatch.logGroups"
        words={{ one: "log group", many: "log groups" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        actions={[
          { id: "retention", text: "Keep for …", run: setKeeping },
          {
            id: "insights",
            text: "Ask by Logs Insights",
            run: (groups) =>
              navigate(
                `/cloudwatch/insights?${groups.map((group) => `group=${encodeURIComponent(nameOf(group))}`).join("&")}`,
              ),
          },
        ]}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create log group
          </Button>
        }
        remove={(group) =>
          aws(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName: nameOf(group) }))
        }
        removal={{ consequence: "All that was ever said there goes." }}
        empty={{ hint: "Jobs, endpoints and functions make theirs when they first say something." }}
      />
      {keeping && (
        <RetentionModal
          groups={keeping}
          onClose={(done) => {
            setKeeping(undefined);
            if (done) live.refresh();
          }}
        />
      )}
      {creating && (
        <CreateModal
          title="Create log group"
          label="Name"
          create={(logGroupName) =>
            aws(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName }))
          }
          onClose={(name) => {
            setCreating(false);
            if (name) live.refresh();
          }}
        />
      )}
    </>
  );
}
