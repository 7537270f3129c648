import {
  type ContainerDefinition,
  DeleteModelCommand,
  DescribeModelCommand,
  type DescribeModelOutput,
} from "@aws-sdk/client-sagemaker";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { ImageLink } from "../../../blocks/links/ImageLink";
import { RoleLink } from "../../../blocks/links/RoleLink";
import { S3Link } from "../../../blocks/links/S3Link";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { LineageButton } from "../lineage/LineageButton";
import { originOf } from "../lineage/sources";
import { DeployModal } from "./DeployModal";

/** One model: its containers, and a button that makes it serve. */
export default function ModelPage() {
  const { name = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(["sagemaker", "models", name], () =>
    sagemaker().send(new DescribeModelCommand({ ModelName: name })),
  );
  const model = live.data;
  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Models", to: "/sagemaker/models" },
        { text: name },
      ]}
      title={name}
      refusal={model ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!model} onClick={() => setDeleting(true)}>
            Delete
          </Button>
          <Button
            disabled={!model}
            onClick={() => void navigate(`/sagemaker/create-model?like=${encodeURIComponent(name)}`)}
          >
            Clone
          </Button>
          <Button
            disabled={!model}
            onClick={() => void navigate(`/sagemaker/create-transform-job?model=${encodeURIComponent(name)}`)}
          >
            Transform data
          </Button>
          <Button
            variant="primary"
            disabled={!model}
            onClick={() => setSearch({ deploy: "" }, { replace: true })}
          >
            Deploy
          </Button>
        </SpaceBetween>
      }
    >
      {model && (
        <Container>
          <KeyValues
            columns={3}
            of={{
              Created: <Ago at={model.CreationTime} />,
              Role: <RoleLink arn={model.ExecutionRoleArn} />,
              ARN: <Copyable text={model.ModelArn} />,
            }}
          />
        </Container>
      )}
      {containersOf(model).map((container, index) => (
        <ContainerCard
          key={container.ContainerHostname ?? container.Image ?? index}
          container={container}
          model={model?.ModelArn ?? ""}
        />
      ))}
      {model && search.has("deploy") && (
        <DeployModal
          model={name}
          onClose={(endpoint) => {
            if (endpoint) void navigate(to("sagemaker", "endpoints", endpoint));
            else setSearch({}, { replace: true });
          }}
        />
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "model", many: "models" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => sagemaker().send(new DeleteModelCommand({ ModelName: name }))}
          consequence="Endpoints that serve it go on. Its artifacts in S3 stay."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/sagemaker/models");
          }}
        />
      )}
    </Page>
  );
}

const containersOf = (model: DescribeModelOutput | undefined): ContainerDefinition[] =>
  model?.PrimaryContainer ? [model.PrimaryContainer] : (model?.Containers ?? []);

function ContainerCard({ container, model }: { container: ContainerDefinition; model: string }) {
  const artifacts = container.ModelDataUrl ?? container.ModelDataSource?.S3DataSource?.S3Uri;
  return (
    <Container
      header={
        <Header variant="h2" actions={<LineageButton of={originOf(container, model)} />}>
          {container.ContainerHostname ?? "Container"}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <KeyValues
          columns={1}
          of={{ Image: <ImageLink uri={container.Image} />, Artifacts: <S3Link uri={artifacts} /> }}
        />
        <KeyValues columns={2} of={container.Environment ?? {}} />
      </SpaceBetween>
    </Container>
  );
}
