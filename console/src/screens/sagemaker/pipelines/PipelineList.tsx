import {
  DeletePipelineCommand,
  type PipelineSummary,
  paginateListPipelines,
} from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import { RoleLink } from "../../../blocks/links/RoleLink";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";

const nameOf = (one: PipelineSummary) => one.PipelineName ?? "";

const columns: Column<PipelineSummary>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (one) => <GoTo to={to("sagemaker", "pipelines", nameOf(one))}>{nameOf(one)}</GoTo>,
    width: 220,
  },
  {
    id: "run",
    header: "Last execution",
    value: (one) => one.LastExecutionTime,
    cell: (one) => <Ago at={one.LastExecutionTime} />,
    width: 150,
  },
  {
    id: "created",
    header: "Created",
    value: (one) => one.CreationTime,
    cell: (one) => <Ago at={one.CreationTime} />,
    width: 130,
  },
  {
    id: "modified",
    header: "Changed",
    value: (one) => one.LastModifiedTime,
    cell: (one) => <Ago at={one.LastModifiedTime} />,
    hidden: true,
  },
  {
    id: "role",
    header: "Role",
    value: (one) => one.RoleArn,
    cell: (one) => <RoleLink arn={one.RoleArn} />,
    width: 250,
  },
  { id: "description", header: "Description", value: (one) => one.PipelineDescription, width: 150 },
];

/** All pipelines, the newest first. */
export default function PipelineList() {
  useCrumbs([{ text: "SageMaker", to: "/sagemaker" }, { text: "Pipelines" }]);
  const live = useLive(["sagemaker", "pipelines"], () =>
    collect(
      paginateListPipelines({ client: sagemaker() }, { MaxResults: 100 }),
      (page) => page.PipelineSummaries,
    ),
  );
  return (
    <ResourceList
      id="sagemaker.pipelines"
      words={{ one: "pipeline", many: "pipelines" }}
      live={live}
      idOf={nameOf}
      columns={columns}
      sortedBy={{ column: "created", descending: true }}
      remove={(one) => sagemaker().send(new DeletePipelineCommand({ PipelineName: nameOf(one) }))}
      removal={{ consequence: "Its versions and executions go. The jobs that they made stay." }}
      empty={{
        hint: (
          <>
            A pipeline is made of steps that follow one another. Make one from a notebook with the SageMaker
            SDK's <Box variant="code">Pipeline(…).upsert(role)</Box>, or by{" "}
            <Box variant="code">aws sagemaker create-pipeline</Box>; it appears here at once.
          </>
        ),
      }}
    />
  );
}
