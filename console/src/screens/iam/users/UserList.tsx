import { CreateUserCommand, paginateListUsers, type User } from "@aws-sdk/client-iam";
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
import { removeUser } from "./remove";

const nameOf = (user: User) => user.UserName ?? "";

const columns: Column<User>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (user) => <GoTo to={to("iam", "users", nameOf(user))}>{nameOf(user)}</GoTo>,
    width: 320,
  },
  { id: "arn", header: "ARN", value: (user) => user.Arn, width: 360 },
  {
    id: "created",
    header: "Created",
    value: (user) => user.CreateDate,
    cell: (user) => <Ago at={user.CreateDate} />,
  },
];

/** All users. */
export default function UserList() {
  useCrumbs([{ text: "IAM", to: "/iam" }, { text: "Users" }]);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const live = useLive(["iam", "users"], () =>
    collect(paginateListUsers({ client: iam() }, {}), (page) => page.Users),
  );
  return (
    <>
      <ResourceList
        id="iam.users"
        words={{ one: "user", many: "users" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(user) => removeUser(nameOf(user))}
        removal={{ consequence: "Access keys and inline policies go with it." }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create user
          </Button>
        }
        empty={{ hint: "A user has access keys of its own, and what its policies allow." }}
      />
      {creating && (
        <CreateModal
          title="Create user"
          label="Name"
          create={(UserName) => iam().send(new CreateUserCommand({ UserName }))}
          onClose={(name) => {
            setCreating(false);
            if (name) void navigate(to("iam", "users", name));
          }}
        />
      )}
    </>
  );
}
