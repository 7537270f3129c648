import {
  DescribePipelineCommand,
  type PipelineExecutionSummary,
  paginateListPipelineExecutions,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { GoTo } from "../../../blocks/links/GoTo";
import { RoleLink } from "../../../blocks/links/RoleLink";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Page } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { StartExecution } from "./StartExecution";
import { StepGraph } from "./StepGraph";

export const idOf = (arn: string | undefined) => (arn ?? "").split("/").pop() ?? "";
export const goesOn = (status: string | undefined) => status === "Executing" || status === "Stopping";

/** One pipeline: its steps as a picture, and its executions. */
export default function PipelinePage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [starting, setStarting] = useState(false);
  const live = useLive(["sagemaker", "pipelines", name], () =>
    sagemaker().send(new DescribePipelineCommand({ PipelineName: name })),
  );
  const executions = useLive(
    ["sagemaker", "pipelines", name, "executions"],
    () =>
      collect(
        paginateListPipelineExecutions({ client: sagemaker() }, { PipelineName: name, MaxResults: 100 }),
        (page) => page.PipelineExecutionSummaries,
      ),
    { changing: (all) => all.some((one) => goesOn(one.PipelineExecutionStatus)) },
  );
  const pipeline = live.data;
  const columns: Column<PipelineExecutionSummary>[] = [
    {
      id: "name",
      header: "Execution",
      value: (one) => idOf(one.PipelineExecutionArn),
      cell: (one) => (
        <GoTo to={to("sagemaker", "pipelines", name, "executions", idOf(one.PipelineExecutionArn))}>
          {one.PipelineExecutionDisplayName ?? idOf(one.PipelineExecutionArn)}
        </GoTo>
      ),
      width: 260,
    },
    {
      id: "status",
      header: "Status",
      value: (one) => one.PipelineExecutionStatus,
      cell: (one) => <Status of={one.PipelineExecutionStatus} />,
    },
    {
      id: "started",
      header: "Started",
      value: (one) => one.StartTime,
      cell: (one) => <Ago at={one.StartTime} />,
    },
    { id: "failure", header: "Failure", value: (one) => one.PipelineExecutionFailureReason, width: 320 },
  ];
  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Pipelines", to: "/sagemaker/pipelines" },
        { text: name },
      ]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={pipeline ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
          <Button variant="primary" disabled={!pipeline} onClick={() => setStarting(true)}>
            Start execution
          </Button>
        </SpaceBetween>
      }
    >
      {pipeline && (
        <Container>
          <KeyValues
            columns={4}
            of={{
              Role: <RoleLink arn={pipeline.RoleArn} />,
              Created: <Ago at={pipeline.CreationTime} />,
              Changed: <Ago at={pipeline.LastModifiedTime} />,
              "Last execution": <Ago at={pipeline.LastRunTime} />,
            }}
          />
        </Container>
      )}
      {pipeline && (
        <Container header={<Header variant="h2">Steps</Header>}>
          <StepGraph definition={pipeline.PipelineDefinition} />
        </Container>
      )}
      <ResourceList
        id="sagemaker.pipelineExecutions"
        variant="container"
        words={{ one: "execution", many: "executions" }}
        live={executions}
        idOf={(one) => one.PipelineExecutionArn ?? ""}
        columns={columns}
        sortedBy={{ column: "started", descending: true }}
        empty={{ hint: "This pipeline was not started yet." }}
      />
      {starting && (
        <StartExecution
          pipeline={name}
          definition={pipeline?.PipelineDefinition}
          onClose={(arn) => {
            setStarting(false);
            if (arn) void navigate(to("sagemaker", "pipelines", name, "executions", idOf(arn)));
          }}
        />
      )}
    </Page>
  );
}
