import type { DescribeTransformJobResponse } from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { Copyable } from "../../../blocks/Copyable";
import { duration } from "../../../blocks/formats/amounts";
import { KeyValues } from "../../../blocks/KeyValues";
import { EnvironmentTable } from "../jobs/EnvironmentTable";

/** All that a job was asked to be. What it left to its container says so. */
export function TransformDetails({ job }: { job: DescribeTransformJobResponse }) {
  const { TransformInput: input, TransformOutput: output, DataProcessing: data } = job;
  const client = job.ModelClientConfig;
  const patience = client?.InvocationsTimeoutInSeconds;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h3">Input and output</Header>}>
        <KeyValues
          columns={3}
          of={{
            "Content type": input?.ContentType,
            "Cut into records by": input?.SplitType,
            Compression: input?.CompressionType,
            Accept: output?.Accept,
            "Put together by": output?.AssembleWith,
            "Stored beside the answers": data?.JoinSource === "Input" ? "the input" : "nothing",
            "The model sees": data?.InputFilter && <Box variant="code">{data.InputFilter}</Box>,
            "The output has": data?.OutputFilter && <Box variant="code">{data.OutputFilter}</Box>,
          }}
        />
      </Container>
      <Container header={<Header variant="h3">How the model is asked</Header>}>
        <KeyValues
          columns={3}
          of={{
            Strategy: job.BatchStrategy ?? CONTAINER,
            "Requests at a time": job.MaxConcurrentTransforms || CONTAINER,
            "Largest payload": job.MaxPayloadInMB === undefined ? CONTAINER : `${job.MaxPayloadInMB} MB`,
            "Waits for an answer": patience === undefined ? "–" : duration(patience * 1000),
            "Further tries": client?.InvocationsMaxRetries,
            ARN: <Copyable text={job.TransformJobArn} />,
          }}
        />
      </Container>
      <EnvironmentTable of={job.Environment} />
    </SpaceBetween>
  );
}

const CONTAINER = "as the container proposes";
