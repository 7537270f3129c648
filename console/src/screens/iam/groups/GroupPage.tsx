import { GetGroupCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { KeyValues } from "../../../blocks/KeyValues";
import { LiveMark } from "../../../blocks/LiveMark";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Page } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { Permissions } from "../permissions/Permissions";
import { Members } from "./Members";
import { removeGroup } from "./remove";

/** One group: who is in it, and what they may do by it. */
export default function GroupPage() {
  const { name = "" } = useParams();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(["iam", `group ${name}`], async () => {
    const { Group } = await iam().send(new GetGroupCommand({ GroupName: name, MaxItems: 1 }));
    return Group;
  });
  const group = live.data;
  return (
    <Page
      crumbs={[{ text: "IAM", to: "/iam" }, { text: "Groups", to: "/iam/groups" }, { text: name }]}
      title={name}
      description={<LiveMark of={live} />}
      refusal={group ? undefined : live.refusal}
      actions={
        <Button disabled={!group} onClick={() => setDeleting(true)}>
          Delete
        </Button>
      }
    >
      {group && (
        <SpaceBetween size="l">
          <Container>
            <KeyValues
              columns={2}
              of={{ Created: <Ago at={group.CreateDate} />, ARN: <Copyable text={group.Arn} /> }}
            />
          </Container>
          <Tabs
            ariaLabel="About the group"
            tabs={[
              { id: "members", label: "Members", content: <Members key={name} group={name} /> },
              {
                id: "permissions",
                label: "Permissions",
                content: <Permissions key={name} of={{ kind: "group", name }} />,
              },
            ]}
          />
        </SpaceBetween>
      )}
      {deleting && (
        <DeleteModal
          words={{ one: "group", many: "groups" }}
          items={[name]}
          nameOf={(item) => item}
          remove={removeGroup}
          consequence="Its members stay, without what it allowed them. Inline policies go."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate("/iam/groups");
          }}
        />
      )}
    </Page>
  );
}
