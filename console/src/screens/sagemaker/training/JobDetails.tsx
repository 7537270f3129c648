import type { DescribeTrainingJobResponse } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { Copyable } from "../../../blocks/Copyable";
import { duration } from "../../../blocks/formats/amounts";
import { KeyValues } from "../../../blocks/KeyValues";
import { ImageLink } from "../../../blocks/links/ImageLink";
import { RoleLink } from "../../../blocks/links/RoleLink";
import { S3Link } from "../../../blocks/links/S3Link";

/** All that a job was asked to be. */
export function JobDetails({ job }: { job: DescribeTrainingJobResponse }) {
  const stopping = job.StoppingCondition;
  const seconds = (value: number | undefined) => (value === undefined ? "–" : duration(value * 1000));
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h3">Job</Header>}>
        <KeyValues
          columns={2}
          of={{
            Image: <ImageLink uri={job.AlgorithmSpecification?.TrainingImage} />,
            Role: <RoleLink arn={job.RoleArn} />,
            ARN: <Copyable text={job.TrainingJobArn} />,
            Output: <S3Link uri={job.OutputDataConfig?.S3OutputPath} />,
            "Longest run": seconds(stopping?.MaxRuntimeInSeconds),
            "Managed spot training": job.EnableManagedSpotTraining
              ? `yes, waits up to ${seconds(stopping?.MaxWaitTimeInSeconds)}`
              : "no",
            Checkpoints: <S3Link uri={job.CheckpointConfig?.S3Uri} />,
            Volume: `${job.ResourceConfig?.VolumeSizeInGB ?? 0} GB`,
          }}
        />
      </Container>
      <Table
        header={<Header variant="h3">Channels</Header>}
        variant="container"
        items={job.InputDataConfig ?? []}
        trackBy="ChannelName"
        columnDefinitions={[
          { id: "name", header: "Channel", cell: (channel) => channel.ChannelName, isRowHeader: true },
          {
            id: "data",
            header: "Data",
            cell: (channel) => <S3Link uri={channel.DataSource?.S3DataSource?.S3Uri} />,
          },
          {
            id: "mode",
            header: "Mode",
            cell: (channel) => channel.InputMode ?? job.AlgorithmSpecification?.TrainingInputMode,
          },
          {
            id: "spread",
            header: "Over the instances",
            cell: (channel) => channel.DataSource?.S3DataSource?.S3DataDistributionType ?? "FullyReplicated",
          },
        ]}
        empty="The job has no input."
      />
      <Table
        header={<Header variant="h3">Hyperparameters</Header>}
        variant="container"
        items={Object.entries(job.HyperParameters ?? {})}
        columnDefinitions={[
          { id: "name", header: "Name", cell: ([name]) => name, isRowHeader: true },
          { id: "value", header: "Value", cell: ([, value]) => value },
        ]}
        empty="None."
      />
    </SpaceBetween>
  );
}
