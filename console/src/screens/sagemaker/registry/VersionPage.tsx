import { DeleteModelPackageCommand, type DescribeModelPackageCommandOutput } from "@aws-sdk/client-sagemaker";
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
import { LiveMark } from "../../../blocks/LiveMark";
import { S3Link } from "../../../blocks/links/S3Link";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { LineageButton } from "../lineage/LineageButton";
import { type Decision, DecisionModal } from "./DecisionModal";
import { DeployVersion } from "./DeployVersion";
import { type Numbers, reportsOf, shortened } from "./metrics";
import { readVersion } from "./reading";

/** One version: what it is, what it is worth, who said that it may be deployed. */
export default function VersionPage() {
  const { name = "", version = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const [deciding, setDeciding] = useState<Decision["status"]>();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(["sagemaker", "modelGroups", name, version], (signal) =>
    readVersion(`${name}/${version}`, signal),
  );
  const told = live.data?.told;
  const arn = told?.ModelPackageArn ?? "";
  const group = to("sagemaker", "model-groups", name);
  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Model groups", to: "/sagemaker/model-groups" },
        { text: name, to: group },
        { text: `Version ${version}` },
      ]}
      title={`${name}, version ${version}`}
      description={<LiveMark of={live} />}
      refusal={told ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <LineageButton of={told?.ModelPackageArn} />
          <Button disabled={!told} onClick={() => setDeleting(true)}>
            Delete
          </Button>
          <Button disabled={!told} onClick={() => setDeciding("Rejected")}>
            Reject
          </Button>
          <Button disabled={!told} onClick={() => setDeciding("Approved")}>
            Approve
          </Button>
          <Button
            variant="primary"
            disabled={told?.ModelApprovalStatus !== "Approved"}
            disabledReason="Only an approved version can be deployed."
            onClick={() => setSearch({ deploy: "" }, { replace: true })}
          >
            Deploy
          </Button>
        </SpaceBetween>
      }
    >
      {told && <Summary of={told} />}
      {told && <Worth of={told} numbers={live.data?.numbers ?? {}} />}
      {told?.InferenceSpecification?.Containers?.map((container, index) => (
        <Container
          key={container.ContainerHostname ?? index}
          header={<Header variant="h2">{container.ContainerHostname ?? "Container"}</Header>}
        >
          <KeyValues
            columns={1}
            of={{
              Image: <Copyable text={container.Image} />,
              Artifacts: (
                <S3Link uri={container.ModelDataUrl ?? container.ModelDataSource?.S3DataSource?.S3Uri} />
              ),
              ...container.Environment,
            }}
          />
        </Container>
      ))}
      {told && search.has("deploy") && (
        <DeployVersion
          arn={arn}
          onClose={(endpoint) => {
            if (endpoint) void navigate(to("sagemaker", "endpoints", endpoint));
            else setSearch({}, { replace: true });
          }}
        />
      )}
      {deciding && (
        <DecisionModal
          decision={{ status: deciding, arns: [arn] }}
          onClose={() => {
            setDeciding(undefined);
            live.refresh();
          }}
        />
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "version", many: "versions" }}
          items={[`${name}/${version}`]}
          nameOf={(item) => item}
          remove={() => sagemaker().send(new DeleteModelPackageCommand({ ModelPackageName: arn }))}
          consequence="Models that were made of it stay. Its number is not used again."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate(group);
          }}
        />
      )}
    </Page>
  );
}

function Summary({ of }: { of: DescribeModelPackageCommandOutput }) {
  const { Stage, StageStatus } = of.ModelLifeCycle ?? {};
  return (
    <Container>
      <KeyValues
        of={{
          Approval: <Status of={of.ModelApprovalStatus} />,
          "Why so": of.ApprovalDescription,
          Stage: Stage && `${Stage}: ${StageStatus}`,
          Registered: <Ago at={of.CreationTime} />,
          By: of.CreatedBy?.IamIdentity?.Arn,
          Changed: of.LastModifiedTime ? <Ago at={of.LastModifiedTime} /> : undefined,
          Description: of.ModelPackageDescription,
          Takes: of.InferenceSpecification?.SupportedContentTypes?.join(", "),
          ARN: <Copyable text={of.ModelPackageArn} />,
        }}
      />
    </Container>
  );
}

function Worth({ of, numbers }: { of: DescribeModelPackageCommandOutput; numbers: Numbers }) {
  const reports = reportsOf(of);
  const told = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, shortened(value)]));
  const known = { ...of.CustomerMetadataProperties, ...told };
  if (Object.keys(known).length + reports.length === 0) return null;
  return (
    <Container header={<Header variant="h2">Metrics and properties</Header>}>
      <SpaceBetween size="l">
        <KeyValues of={known} />
        {reports.map((uri) => (
          <S3Link key={uri} uri={uri} />
        ))}
      </SpaceBetween>
    </Container>
  );
}
