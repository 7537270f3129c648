import type { DescribeEndpointOutput } from "@aws-sdk/client-sagemaker";
import Container from "@cloudscape-design/components/container";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { GoTo } from "../../../blocks/links/GoTo";
import { Status } from "../../../blocks/Status";

/** An endpoint at a glance. */
export function EndpointSummary({ endpoint }: { endpoint: DescribeEndpointOutput }) {
  const configuration = endpoint.EndpointConfigName;
  return (
    <Container>
      <KeyValues
        columns={4}
        of={{
          Status: <Status of={endpoint.EndpointStatus} />,
          Configuration: configuration ? (
            <GoTo to={to("sagemaker", "endpoint-configurations", configuration)}>{configuration}</GoTo>
          ) : undefined,
          "Last changed": <Ago at={endpoint.LastModifiedTime} />,
          ARN: <Copyable text={endpoint.EndpointArn} />,
        }}
      />
    </Container>
  );
}
