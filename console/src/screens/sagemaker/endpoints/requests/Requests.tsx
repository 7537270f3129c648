import type { DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { KeyValues } from "../../../../blocks/KeyValues";
import { S3Link } from "../../../../blocks/links/S3Link";
import { captureOf, folderOf, shadowsOf } from "./kept";
import { useBacklog } from "./useBacklog";

/** What becomes of requests besides an answer: kept in a bucket, copied to a shadow, answered later. */
export function Requests({ endpoint }: { endpoint: DescribeEndpointOutput }) {
  const {
    AsyncInferenceConfig: later,
    DataCaptureConfig: kept,
    ShadowProductionVariants: shadows,
  } = endpoint;
  if (!later && !kept && !shadows?.length) return null;
  return (
    <Container header={<Header variant="h2">Requests</Header>}>
      <KeyValues
        columns={4}
        of={{
          ...(kept && {
            "Data capture": (
              <StatusIndicator type={kept.CaptureStatus === "Started" ? "success" : "stopped"}>
                {captureOf(kept)}
              </StatusIndicator>
            ),
            "Captured data": <S3Link uri={folderOf(kept.DestinationS3Uri, endpoint.EndpointName ?? "")} />,
          }),
          ...(shadows?.length && { "Copied to": shadowsOf(endpoint) }),
          ...(later && {
            "Answered later": <Waiting endpoint={endpoint.EndpointName ?? ""} />,
            "At an instance at once":
              later.ClientConfig?.MaxConcurrentInvocationsPerInstance ??
              "as many as the platform thinks best",
            Answers: <S3Link uri={folderOf(later.OutputConfig?.S3OutputPath)} />,
            Errors: later.OutputConfig?.S3FailurePath ? (
              <S3Link uri={folderOf(later.OutputConfig.S3FailurePath)} />
            ) : (
              "in the log alone"
            ),
          }),
        }}
      />
    </Container>
  );
}

function Waiting({ endpoint }: { endpoint: string }) {
  const backlog = useBacklog(endpoint);
  if (backlog === undefined) return "nothing is known of the queue yet";
  return backlog === 0 ? "nothing waits" : `${backlog} waited or were under way in the last minute`;
}
