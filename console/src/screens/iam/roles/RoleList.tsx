import { paginateListRoles, type Role } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { collect } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { iam } from "../client";
import { trusted } from "../documents/document";
import { CreateRole } from "./CreateRole";
import { removeRole } from "./remove";

const nameOf = (role: Role) => role.RoleName ?? "";

const columns: Column<Role>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (role) => <GoTo to={to("iam", "roles", nameOf(role))}>{nameOf(role)}</GoTo>,
    width: 300,
  },
  {
    id: "trusts",
    header: "Trusts",
    value: (role) => trusted(role.AssumeRolePolicyDocument).join(", "),
    width: 230,
  },
  { id: "description", header: "Description", value: (role) => role.Description, width: 220 },
  {
    id: "created",
    header: "Created",
    value: (role) => role.CreateDate,
    cell: (role) => <Ago at={role.CreateDate} />,
  },
  { id: "path", header: "Path", value: (role) => role.Path, hidden: true },
];

/** All roles. */
export default function RoleList() {
  useCrumbs([{ text: "IAM", to: "/iam" }, { text: "Roles" }]);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const live = useLive(["iam", "roles"], () =>
    collect(paginateListRoles({ client: iam() }, {}), (page) => page.Roles),
  );
  return (
    <>
      <ResourceList
        id="iam.roles"
        words={{ one: "role", many: "roles" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(role) => removeRole(nameOf(role))}
        removal={{
          consequence: "Inline policies go with it. Who is it now is refused everything from then on.",
        }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create role
          </Button>
        }
        empty={{ hint: "A role is what a function, a job or an endpoint may do. Create one." }}
      />
      {creating && (
        <CreateRole
          onClose={(name) => {
            setCreating(false);
            if (name) void navigate(to("iam", "roles", name));
          }}
        />
      )}
    </>
  );
}
