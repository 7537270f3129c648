import {
  DeleteModelPackageCommand,
  DescribeModelPackageGroupCommand,
  type ModelPackageSummary,
} from "@aws-sdk/client-sagemaker";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { Page } from "../../../blocks/Page";
import { Status } from "../../../blocks/Status";
import { useLive } from "../../../live/useLive";
import { sagemaker } from "../client";
import { Comparison } from "./Comparison";
import { type Decision, DecisionModal } from "./DecisionModal";
import { versionsOf } from "./reading";

const numberOf = (version: ModelPackageSummary) => String(version.ModelPackageVersion ?? "");
const pageOf = (group: string, version: ModelPackageSummary) =>
  to("sagemaker", "model-groups", group, numberOf(version));

const columnsOf = (group: string): Column<ModelPackageSummary>[] => [
  {
    id: "version",
    header: "Version",
    value: (version) => version.ModelPackageVersion,
    cell: (version) => <GoTo to={pageOf(group, version)}>{`Version ${numberOf(version)}`}</GoTo>,
    width: 140,
  },
  {
    id: "approval",
    header: "Approval",
    value: (version) => version.ModelApprovalStatus,
    cell: (version) => <Status of={version.ModelApprovalStatus} />,
    width: 220,
  },
  { id: "stage", header: "Stage", value: (version) => version.ModelLifeCycle?.Stage, width: 140 },
  {
    id: "description",
    header: "Description",
    value: (version) => version.ModelPackageDescription,
    width: 280,
  },
  {
    id: "created",
    header: "Registered",
    value: (version) => version.CreationTime,
    cell: (version) => <Ago at={version.CreationTime} />,
  },
];

async function read(name: string) {
  const group = await sagemaker().send(new DescribeModelPackageGroupCommand({ ModelPackageGroupName: name }));
  return { group, versions: await versionsOf(name) };
}

/** One group: its versions, what they are worth side by side, and which of them may be deployed. */
export default function GroupPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [deciding, setDeciding] = useState<Decision>();
  const live = useLive(["sagemaker", "modelGroups", name], () => read(name));
  const { group, versions = [] } = live.data ?? {};
  const decide = (status: Decision["status"]) => (chosen: ModelPackageSummary[]) =>
    setDeciding({ status, arns: chosen.map((version) => version.ModelPackageArn ?? "") });
  return (
    <Page
      crumbs={[
        { text: "SageMaker", to: "/sagemaker" },
        { text: "Model groups", to: "/sagemaker/model-groups" },
        { text: name },
      ]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={group ? undefined : live.refusal}
    >
      {group && (
        <Container>
          <KeyValues
            of={{
              Description: group.ModelPackageGroupDescription,
              Created: <Ago at={group.CreationTime} />,
              ARN: <Copyable text={group.ModelPackageGroupArn} />,
            }}
          />
        </Container>
      )}
      {group && (
        <ResourceList
          id="sagemaker.modelVersions"
          variant="container"
          words={{ one: "version", many: "versions" }}
          live={{ ...live, data: versions }}
          idOf={numberOf}
          nameOf={(version) => `Version ${numberOf(version)}`}
          columns={columnsOf(name)}
          sortedBy={{ column: "version", descending: true }}
          actions={[
            { id: "approve", text: "Approve", run: decide("Approved") },
            { id: "reject", text: "Reject", run: decide("Rejected") },
            {
              id: "deploy",
              text: "Deploy",
              single: true,
              refuses: (version) =>
                version.ModelApprovalStatus === "Approved"
                  ? undefined
                  : "Only an approved version can be deployed.",
              run: ([version]) => version && navigate(`${pageOf(name, version)}?deploy`),
            },
          ]}
          remove={(version) =>
            sagemaker().send(new DeleteModelPackageCommand({ ModelPackageName: version.ModelPackageArn }))
          }
          removal={{ consequence: "Models that were made of it stay. Its number is not used again." }}
          empty={{
            hint: (
              <>
                <Box variant="code">model.register(model_package_group_name="{name}", …)</Box> makes the first
                version.
              </>
            ),
          }}
        />
      )}
      {versions.length > 0 && <Comparison versions={versions} />}
      {deciding && (
        <DecisionModal
          decision={deciding}
          onClose={() => {
            setDeciding(undefined);
            live.refresh();
          }}
        />
      )}
    </Page>
  );
}
