import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { to } from "../../../app/links";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { ec2 } from "../client";

const idOf = (group: SecurityGroup) => group.GroupId ?? "";

const columns: Column<SecurityGroup>[] = [
  {
    id: "id",
    header: "Group",
    value: idOf,
    cell: (group) => <GoTo to={to("ec2", "security-groups", idOf(group))}>{idOf(group)}</GoTo>,
    width: 220,
  },
  { id: "name", header: "Name", value: (group) => group.GroupName },
  { id: "about", header: "Description", value: (group) => group.Description, width: 320 },
  { id: "vpc", header: "VPC", value: (group) => group.VpcId },
  { id: "rules", header: "Rules for what comes in", value: (group) => group.IpPermissions?.length ?? 0 },
];

/** All security groups. */
export default function GroupList() {
  useCrumbs([{ text: "EC2", to: "/ec2/instances" }, { text: "Security groups" }]);
  const [creating, setCreating] = useState(false);
  const live = useLive(
    ["ec2", "groups"],
    async () => (await ec2().send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? [],
  );
  return (
    <>
      <ResourceList
        id="ec2.groups"
        words={{ one: "security group", many: "security groups" }}
        live={live}
        idOf={idOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        remove={(group) => ec2().send(new DeleteSecurityGroupCommand({ GroupId: idOf(group) }))}
        removal={{
          refuses: (group) => (group.GroupName === "default" ? "A VPC keeps its default group." : undefined),
        }}
        create={
          <Button variant="primary" onClick={() => setCreating(true)}>
            Create security group
          </Button>
        }
        empty={{ hint: "Create one, and let port 22 in." }}
      />
      {creating && (
        <CreateModal
          title="Create security group"
          label="Name"
          create={(GroupName) =>
            ec2().send(
              new CreateSecurityGroupCommand({ GroupName, Description: `${GroupName}, made in the console` }),
            )
          }
          onClose={(name) => {
            setCreating(false);
            if (name) live.refresh();
          }}
        />
      )}
    </>
  );
}
