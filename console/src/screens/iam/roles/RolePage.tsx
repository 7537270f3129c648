import { GetRoleCommand, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { duration } from "../../../blocks/formats/amounts";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { TagsBox } from "../../../blocks/tags/TagsBox";
import { mapOf } from "../../../blocks/tags/tags";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { DocumentBox } from "../documents/DocumentBox";
import { readable, trusted } from "../documents/document";
import { Boundary } from "../permissions/Boundary";
import { Permissions } from "../permissions/Permissions";
import { tagging } from "../tagging";
import { removeRole } from "./remove";

/** One role: what it may do, and who may be it. */
export default function RolePage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(["iam", `role ${name}`], async () => {
    const { Role } = await iam().send(new GetRoleCommand({ RoleName: name }));
    return Role;
  });
  const role = live.data;
  return (
    <Page
      crumbs={[{ text: "IAM", to: "/iam" }, { text: "Roles", to: "/iam/roles" }, { text: name }]}
      title={name}
      description={role?.Description || <LiveMark of={live} />}
      refusal={role ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!role} onClick={() => setDeleting(true)}>
            Delete
          </Button>
          <Button
            disabled={!role}
            onClick={() =>
              void navigate(`${to("iam", "simulator")}?who=${encodeURIComponent(role?.Arn ?? "")}`)
            }
          >
            May it do this?
          </Button>
        </SpaceBetween>
      }
    >
      {role && (
        <SpaceBetween size="l">
          <Container>
            <KeyValues
              columns={4}
              of={{
                Trusts: trusted(role.AssumeRolePolicyDocument).join(", "),
                Created: <Ago at={role.CreateDate} />,
                "Longest session": duration((role.MaxSessionDuration ?? 3600) * 1000),
                ARN: <Copyable text={role.Arn} />,
              }}
            />
          </Container>
          <Tabs
            ariaLabel="About the role"
            tabs={[
              {
                id: "permissions",
                label: "Permissions",
                content: (
                  <SpaceBetween size="l">
                    <Permissions key={name} of={{ kind: "role", name }} />
                    <Boundary
                      of={{ kind: "role", name }}
                      arn={role.PermissionsBoundary?.PermissionsBoundaryArn}
                      onChanged={live.refresh}
                    />
                  </SpaceBetween>
                ),
              },
              {
                id: "tags",
                label: "Tags",
                content: (
                  <TagsBox tags={mapOf(role.Tags)} {...tagging("role", name)} onChanged={live.refresh} />
                ),
              },
              {
                id: "trust",
                label: "Trust policy",
                content: (
                  <DocumentBox
                    title="Who may be it"
                    kind="trust"
                    text={readable(role.AssumeRolePolicyDocument)}
                    save={async (PolicyDocument) => {
                      await iam().send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument }));
                      live.refresh();
                    }}
                  />
                ),
              },
            ]}
          />
        </SpaceBetween>
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "role", many: "roles" }}
          items={[name]}
          nameOf={(item) => item}
          remove={removeRole}
          consequence="Inline policies go with it. Who is it now is refused everything from then on."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/iam/roles");
          }}
        />
      )}
    </Page>
  );
}
