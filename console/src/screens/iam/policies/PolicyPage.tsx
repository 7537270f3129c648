import {
  CreatePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  paginateListEntitiesForPolicy,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { GoTo } from "../../../blocks/links/GoTo";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { TagsBox } from "../../../blocks/tags/TagsBox";
import { mapOf } from "../../../blocks/tags/tags";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { DocumentBox } from "../documents/DocumentBox";
import { readable } from "../documents/document";
import { tagging } from "../tagging";
import { removePolicy } from "./remove";
import { Versions } from "./Versions";

async function read(PolicyArn: string) {
  const { Policy } = await iam().send(new GetPolicyCommand({ PolicyArn }));
  const VersionId = Policy?.DefaultVersionId ?? "v1";
  const { PolicyVersion } = await iam().send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return { policy: Policy, text: readable(PolicyVersion?.Document) };
}

/** One policy: what it says, whom it is attached to, what it said before. */
export default function PolicyPage() {
  const { arn = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(["iam", `policy ${arn}`], () => read(arn));
  const name = arn.split("/").at(-1) ?? arn;
  const ours = !arn.includes(":iam::aws:");
  const policy = live.data?.policy;
  return (
    <Page
      crumbs={[{ text: "IAM", to: "/iam" }, { text: "Policies", to: "/iam/policies" }, { text: name }]}
      title={name}
      description={policy?.Description || <LiveMark of={live} />}
      refusal={live.data ? undefined : live.refusal}
      actions={
        ours && (
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!policy} onClick={() => setDeleting(true)}>
              Delete
            </Button>
          </SpaceBetween>
        )
      }
    >
      {live.data && (
        <SpaceBetween size="l">
          <Container>
            <KeyValues
              columns={4}
              of={{
                Version: policy?.DefaultVersionId,
                Changed: <Ago at={policy?.UpdateDate} />,
                Created: <Ago at={policy?.CreateDate} />,
                ARN: <Copyable text={arn} />,
              }}
            />
          </Container>
          <DocumentBox
            title="Policy"
            description={ours ? undefined : "One of AWS's: it cannot be changed."}
            kind="identity"
            text={live.data.text}
            save={
              ours
                ? async (PolicyDocument) => {
                    await iam().send(
                      new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument, SetAsDefault: true }),
                    );
                    live.refresh();
                  }
                : undefined
            }
          />
          <Holders arn={arn} />
          {ours && (
            <TagsBox tags={mapOf(policy?.Tags)} {...tagging("policy", arn)} onChanged={live.refresh} />
          )}
          {ours && <Versions arn={arn} inForce={policy?.DefaultVersionId} onChanged={live.refresh} />}
        </SpaceBetween>
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "policy", many: "policies" }}
          items={[name]}
          nameOf={(item) => item}
          remove={() => removePolicy(arn)}
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/iam/policies");
          }}
        />
      )}
    </Page>
  );
}

function Holders({ arn }: { arn: string }) {
  const live = useLive(["iam", `holders ${arn}`], () =>
    collect(paginateListEntitiesForPolicy({ client: iam() }, { PolicyArn: arn }), (page) => [
      ...(page.PolicyRoles ?? []).map(({ RoleName = "" }) => ({
        at: to("iam", "roles", RoleName),
        name: RoleName,
      })),
      ...(page.PolicyUsers ?? []).map(({ UserName = "" }) => ({
        at: to("iam", "users", UserName),
        name: UserName,
      })),
      ...(page.PolicyGroups ?? []).map(({ GroupName = "" }) => ({
        at: to("iam", "groups", GroupName),
        name: `${GroupName} (group)`,
      })),
    ]),
  );
  return (
    <Container header={<Header variant="h2">Attached to</Header>}>
      <SpaceBetween direction="horizontal" size="m">
        {(live.data ?? []).map(({ at, name }) => (
          <GoTo key={at} to={at}>
            {name}
          </GoTo>
        ))}
        {live.data?.length === 0 && <span>Nobody.</span>}
      </SpaceBetween>
    </Container>
  );
}
