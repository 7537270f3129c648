import { DeleteGroupCommand, paginateGetGroup, RemoveUserFromGroupCommand } from "@aws-sdk/client-iam";
import { collect } from "../../../aws/collect";
import { iam } from "../client";
import { permissionsOf, take } from "../permissions/principal";

/** Deletes a group with its policies and memberships, which hold it (DeleteConflict). */
export async function removeGroup(GroupName: string): Promise<void> {
  const group = { kind: "group", name: GroupName } as const;
  for (const permission of await permissionsOf(group)) await take(group, permission);
  const members = await collect(paginateGetGroup({ client: iam() }, { GroupName }), (page) => page.Users);
  for (const { UserName } of members)
    await iam().send(new RemoveUserFromGroupCommand({ GroupName, UserName }));
  await iam().send(new DeleteGroupCommand({ GroupName }));
}
