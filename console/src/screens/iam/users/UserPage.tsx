import { GetUserCommand, paginateListGroupsForUser } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
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
import { MfaDevices } from "../mfa/MfaDevices";
import { Boundary } from "../permissions/Boundary";
import { Permissions } from "../permissions/Permissions";
import { tagging } from "../tagging";
import { AccessKeys } from "./AccessKeys";
import { removeUser } from "./remove";

async function read(UserName: string) {
  const { User } = await iam().send(new GetUserCommand({ UserName }));
  const groups = await collect(
    paginateListGroupsForUser({ client: iam() }, { UserName }),
    (page) => page.Groups,
  );
  return { user: User, groups: groups.map(({ GroupName = "" }) => GroupName) };
}

/** One user: what it may do, and its keys. */
export default function UserPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(["iam", `user ${name}`], () => read(name));
  const user = live.data?.user;
  return (
    <Page
      crumbs={[{ text: "IAM", to: "/iam" }, { text: "Users", to: "/iam/users" }, { text: name }]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={user ? undefined : live.refusal}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button disabled={!user} onClick={() => setDeleting(true)}>
            Delete
          </Button>
          <Button
            disabled={!user}
            onClick={() =>
              void navigate(`${to("iam", "simulator")}?who=${encodeURIComponent(user?.Arn ?? "")}`)
            }
          >
            May it do this?
          </Button>
        </SpaceBetween>
      }
    >
      {user && (
        <SpaceBetween size="l">
          <Container>
            <KeyValues
              columns={4}
              of={{
                Groups: live.data?.groups.length ? (
                  <SpaceBetween direction="horizontal" size="xs">
                    {live.data.groups.map((group) => (
                      <GoTo key={group} to={to("iam", "groups", group)}>
                        {group}
                      </GoTo>
                    ))}
                  </SpaceBetween>
                ) : (
                  "none"
                ),
                Created: <Ago at={user.CreateDate} />,
                "Password last used": user.PasswordLastUsed ? <Ago at={user.PasswordLastUsed} /> : "never",
                ARN: <Copyable text={user.Arn} />,
              }}
            />
          </Container>
          <Tabs
            ariaLabel="About the user"
            tabs={[
              {
                id: "permissions",
                label: "Permissions",
                content: (
                  <SpaceBetween size="l">
                    <Permissions key={name} of={{ kind: "user", name }} />
                    <Boundary
                      of={{ kind: "user", name }}
                      arn={user.PermissionsBoundary?.PermissionsBoundaryArn}
                      onChanged={live.refresh}
                    />
                  </SpaceBetween>
                ),
              },
              { id: "mfa", label: "MFA devices", content: <MfaDevices key={name} user={name} /> },
              {
                id: "tags",
                label: "Tags",
                content: (
                  <TagsBox tags={mapOf(user.Tags)} {...tagging("user", name)} onChanged={live.refresh} />
                ),
              },
              { id: "keys", label: "Access keys", content: <AccessKeys key={name} user={name} /> },
            ]}
          />
        </SpaceBetween>
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "user", many: "users" }}
          items={[name]}
          nameOf={(item) => item}
          remove={removeUser}
          consequence="Access keys and inline policies go with it."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/iam/users");
          }}
        />
      )}
    </Page>
  );
}
