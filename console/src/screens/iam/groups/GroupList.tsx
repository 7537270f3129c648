import { CreateGroupCommand, type Group, paginateListGroups } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { removeGroup } from "./remove";

const nameOf = (group: Group) => group.GroupName ?? "";

const columns: Column<Group>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (group) => <GoTo to={to("iam", "groups", nameOf(group))}>{nameOf(group)}</GoTo>,
    width: 320,
  },
  { id: "arn", header: "ARN", value: (group) => group.Arn, width: 420 },
  {
    id: "created",
    header: "Created",
    value: (group) => group.CreateDate,
    cell: (group) => <Ago at={group.CreateDate} />,
  },
];

/** All groups. */
export default function GroupList() {
  useCrumbs([{ text: "IAM", to: "/iam" }, { text: "Groups" }]);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const live = useLive(["iam", "groups"], () =>
    collect(paginateListGroups({ client: iam() }, {}), (page) => page.Groups),
  );
  return (
    <>
      <ResourceList
        id="iam.groups"
        words={{ one: "group", many: "groups" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(group) => removeGroup(nameOf(group))}
        removal={{ consequence: "Its members stay, without what it allowed them. Inline policies go." }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create group
          </Button>
        }
        empty={{ hint: "What a group's policies allow, each of its users may do." }}
      />
      {creating && (
        <CreateModal
          title="Create group"
          label="Name"
          create={(GroupName) => iam().send(new CreateGroupCommand({ GroupName }))}
          onClose={(name) => {
            setCreating(false);
            if (name) void navigate(to("iam", "groups", name));
          }}
        />
      )}
    </>
  );
}
