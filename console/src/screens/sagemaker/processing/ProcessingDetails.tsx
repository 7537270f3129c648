import type { DescribeProcessingJobResponse } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Copyable } from "../../../blocks/Copyable";
import { duration } from "../../../blocks/formats/amounts";
import { KeyValues } from "../../../blocks/KeyValues";
import { ImageLink } from "../../../blocks/links/ImageLink";
import { quoted } from "../../../equivalents/cli";
import { EnvironmentTable } from "../jobs/EnvironmentTable";

/** All that a job was asked to be, but for its data. */
export function ProcessingDetails({ job }: { job: DescribeProcessingJobResponse }) {
  const app = job.AppSpecification;
  const longest = job.StoppingCondition?.MaxRuntimeInSeconds;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h3">Job</Header>}>
        <KeyValues
          columns={2}
          of={{
            Image: <ImageLink uri={app?.ImageUri} />,
            ARN: <Copyable text={job.ProcessingJobArn} />,
            Command: <Copyable text={inShell(app?.ContainerEntrypoint)} />,
            Arguments: <Copyable text={inShell(app?.ContainerArguments)} />,
            "Longest run": longest === undefined ? "–" : duration(longest * 1000),
            Volume: `${job.ProcessingResources?.ClusterConfig?.VolumeSizeInGB ?? 0} GB`,
            "Network isolation": job.NetworkConfig?.EnableNetworkIsolation ? "yes" : "no",
          }}
        />
      </Container>
      <EnvironmentTable of={job.Environment} />
    </SpaceBetween>
  );
}

/** A command as a shell would be told it. */
const inShell = (words: string[] | undefined) => words?.map(quoted).join(" ");
