import { DescribeEndpointConfigCommand, UpdateEndpointCommand } from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { GoTo } from "../../../blocks/links/GoTo";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";

/** One endpoint configuration; an endpoint can be moved onto it from here. */
export default function ConfigurationPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [updating, setUpdating] = useState(false);
  const live = useLive(["sagemaker", "endpointConfigurations", name], () =>
    sagemaker().send(new DescribeEndpointConfigCommand({ EndpointConfigName: name })),
  );
  const configuration = live.data;
  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Endpoint configurations", to: "/sagemaker/endpoint-configurations" },
        { text: name },
      ]}
      title={name}
      refusal={configuration ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            disabled={!configuration}
            onClick={() =>
              void navigate(`/sagemaker/create-endpoint-configuration?like=${encodeURIComponent(name)}`)
            }
          >
            Clone
          </Button>
          <Button disabled={!configuration} onClick={() => setUpdating(true)}>
            Update an endpoint to this
          </Button>
        </SpaceBetween>
      }
    >
      {configuration && (
        <Container>
          <KeyValues
            columns={3}
            of={{
              Created: <Ago at={configuration.CreationTime} />,
              ARN: <Copyable text={configuration.EndpointConfigArn} />,
              "Data capture": configuration.DataCaptureConfig?.EnableCapture ? "on" : "off",
            }}
          />
        </Container>
      )}
      {configuration && (
        <Table
          variant="container"
          header={<Header variant="h2">Variants</Header>}
          items={configuration.ProductionVariants ?? []}
          trackBy="VariantName"
          columnDefinitions={[
            { id: "name", header: "Variant", cell: (variant) => variant.VariantName, isRowHeader: true },
            {
              id: "model",
              header: "Model",
              cell: ({ ModelName }) =>
                ModelName ? (
                  <GoTo to={to("sagemaker", "models", ModelName)}>{ModelName}</GoTo>
                ) : (
                  "those of inference components"
                ),
            },
            {
              id: "instances",
              header: "Instances",
              cell: (variant) =>
                variant.ServerlessConfig
                  ? `serverless, ${variant.ServerlessConfig.MemorySizeInMB} MB, up to ${variant.ServerlessConfig.MaxConcurrency}`
                  : `${variant.InitialInstanceCount ?? 1} × ${variant.InstanceType}`,
            },
            { id: "weight", header: "Weight", cell: (variant) => variant.InitialVariantWeight },
          ]}
        />
      )}
      {updating && (
        <CreateModal
          title="Update an endpoint"
          label="Endpoint"
          hint="It serves on while its new instances come up, and keeps the old ones if they fail."
          verb="Update"
          create={(endpoint) =>
            sagemaker().send(new UpdateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: name }))
          }
          onClose={(endpoint) => {
            setUpdating(false);
            if (endpoint) void navigate(to("sagemaker", "endpoints", endpoint));
          }}
        />
      )}
    </Page>
  );
}
