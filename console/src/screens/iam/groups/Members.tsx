import {
  AddUserToGroupCommand,
  paginateGetGroup,
  paginateListUsers,
  RemoveUserFromGroupCommand,
  type User,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useState } from "react";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { FormModal } from "../../../blocks/modals/FormModal";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";

const nameOf = (user: User) => user.UserName ?? "";

const columns: Column<User>[] = [
  {
    id: "name",
    header: "User",
    value: nameOf,
    cell: (user) => <GoTo to={to("iam", "users", nameOf(user))}>{nameOf(user)}</GoTo>,
    width: 320,
  },
  {
    id: "created",
    header: "Created",
    value: (user) => user.CreateDate,
    cell: (user) => <Ago at={user.CreateDate} />,
  },
];

/** The users of a group. */
export function Members({ group }: { group: string }) {
  const [adding, setAdding] = useState(false);
  const live = useLive(["iam", `members ${group}`], () =>
    collect(paginateGetGroup({ client: iam() }, { GroupName: group }), (page) => page.Users),
  );
  return (
    <>
      <ResourceList
        id="iam.members"
        words={{ one: "member", many: "members" }}
        variant="container"
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(user) =>
          iam().send(new RemoveUserFromGroupCommand({ GroupName: group, UserName: nameOf(user) }))
        }
        removal={{ verb: "Remove", consequence: "The user stays, without what the group allows." }}
        create={<Button onClick={() => setAdding(true)}>Add users</Button>}
        empty={{ hint: "Nobody is in it: add users." }}
      />
      {adding && (
        <AddUsers
          group={group}
          members={(live.data ?? []).map(nameOf)}
          onClose={() => {
            setAdding(false);
            live.refresh();
          }}
        />
      )}
    </>
  );
}

interface AddProps {
  group: string;
  members: string[];
  onClose: () => void;
}

function AddUsers({ group, members, onClose }: AddProps) {
  const [chosen, setChosen] = useState<string[]>([]);
  const live = useLive(["iam", "users"], () =>
    collect(paginateListUsers({ client: iam() }, {}), (page) => page.Users),
  );
  const options = (live.data ?? [])
    .map(nameOf)
    .filter((name) => !members.includes(name))
    .map((value) => ({ value }));
  const submit = async () => {
    for (const UserName of chosen)
      await iam().send(new AddUserToGroupCommand({ GroupName: group, UserName }));
  };
  return (
    <FormModal
      title={`Add users to ${group}`}
      verb="Add"
      ready={chosen.length > 0}
      submit={submit}
      onClose={onClose}
    >
      <FormField label="Users">
        <Refused of={live.refusal} />
        <Multiselect
          selectedOptions={options.filter(({ value }) => chosen.includes(value))}
          options={options}
          onChange={({ detail }) => setChosen(detail.selectedOptions.map(({ value = "" }) => value))}
          filteringType="auto"
          statusType={live.loading ? "loading" : "finished"}
          empty="There is no other user."
        />
      </FormField>
    </FormModal>
  );
}
