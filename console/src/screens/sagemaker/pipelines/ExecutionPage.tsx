import {
  DescribePipelineCommand,
  DescribePipelineDefinitionForExecutionCommand,
  DescribePipelineExecutionCommand,
  paginateListPipelineExecutionSteps,
  RetryPipelineExecutionCommand,
  StopPipelineExecutionCommand,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useParams } from "react-router";
import { to } from "../../../app/links";
import { notify } from "../../../app/notices";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { RoleLink } from "../../../blocks/links/RoleLink";
import { Page } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { Failure } from "../jobs/Failure";
import { Took } from "../jobs/Took";
import { goesOn } from "./PipelinePage";
import { StepGraph } from "./StepGraph";
import { StepTable } from "./StepTable";

/** One execution: how far it is, what each step does or why it failed. */
export default function ExecutionPage() {
  const { name = "", id = "" } = useParams();
  const live = useLive(
    ["sagemaker", "pipelineExecutions", name, id],
    async () => {
      const pipeline = await sagemaker().send(new DescribePipelineCommand({ PipelineName: name }));
      const arn = `${pipeline.PipelineArn ?? ""}/execution/${id}`;
      const [execution, definition, steps] = await Promise.all([
        sagemaker().send(new DescribePipelineExecutionCommand({ PipelineExecutionArn: arn })),
        sagemaker().send(new DescribePipelineDefinitionForExecutionCommand({ PipelineExecutionArn: arn })),
        collect(
          paginateListPipelineExecutionSteps({ client: sagemaker() }, { PipelineExecutionArn: arn }),
          (page) => page.PipelineExecutionSteps,
        ),
      ]);
      return { arn, role: pipeline.RoleArn, execution, definition: definition.PipelineDefinition, steps };
    },
    { changing: ({ execution }) => goesOn(execution.PipelineExecutionStatus) },
  );
  const found = live.data;
  const status = found?.execution.PipelineExecutionStatus;
  const ask = (verb: string, command: StopPipelineExecutionCommand | RetryPipelineExecutionCommand) =>
    sagemaker()
      .send(command as StopPipelineExecutionCommand)
      .catch((error: unknown) => notify.error(`${verb} ${id}`, error))
      .finally(live.refresh);
  const arn = found?.arn ?? "";
  const token = () => crypto.randomUUID();
  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Pipelines", to: "/sagemaker/pipelines" },
        { text: name, to: to("sagemaker", "pipelines", name) },
        { text: id },
      ]}
      title={found?.execution.PipelineExecutionDisplayName ?? id}
      description={<LiveMark of={live} />}
      refusal={found ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button iconName="refresh" ariaLabel="Look again" onClick={live.refresh} />
          <Button
            disabled={status !== "Executing"}
            onClick={() =>
              void ask(
                "Stop",
                new StopPipelineExecutionCommand({ PipelineExecutionArn: arn, ClientRequestToken: token() }),
              )
            }
          >
            Stop
          </Button>
          <Button
            disabled={status !== "Failed" && status !== "Stopped"}
            onClick={() =>
              void ask(
                "Retry",
                new RetryPipelineExecutionCommand({ PipelineExecutionArn: arn, ClientRequestToken: token() }),
              )
            }
          >
            Retry
          </Button>
        </SpaceBetween>
      }
    >
      <Failure reason={found?.execution.FailureReason} />
      {found && (
        <Container>
          <KeyValues
            columns={4}
            of={{
              Status: <Status of={status} />,
              Started: <Ago at={found.execution.CreationTime} />,
              Duration: (
                <Took
                  created={found.execution.CreationTime}
                  ended={goesOn(status) ? undefined : found.execution.LastModifiedTime}
                />
              ),
              Role: <RoleLink arn={found.role} />,
            }}
          />
        </Container>
      )}
      {found && (
        <Container header={<Header variant="h2">Steps</Header>}>
          <StepGraph
            definition={found.definition}
            statuses={Object.fromEntries(found.steps.map((step) => [step.StepName ?? "", step.StepStatus]))}
          />
        </Container>
      )}
      {found && <StepTable steps={found.steps} />}
    </Page>
  );
}
