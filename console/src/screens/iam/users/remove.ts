import {
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  paginateListAccessKeys,
  paginateListGroupsForUser,
  RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import { collect } from "../../../aws/collect";
import { iam } from "../client";
import { permissionsOf, take } from "../permissions/principal";

/** Deletes a user with its policies, keys and memberships; what else holds it (a password, a device) AWS names. */
export async function removeUser(UserName: string): Promise<void> {
  const user = { kind: "user", name: UserName } as const;
  for (const permission of await permissionsOf(user)) await take(user, permission);
  const keys = await collect(
    paginateListAccessKeys({ client: iam() }, { UserName }),
    (page) => page.AccessKeyMetadata,
  );
  for (const { AccessKeyId } of keys) await iam().send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  const groups = await collect(
    paginateListGroupsForUser({ client: iam() }, { UserName }),
    (page) => page.Groups,
  );
  for (const { GroupName } of groups)
    await iam().send(new RemoveUserFromGroupCommand({ UserName, GroupName }));
  await iam().send(new DeleteUserCommand({ UserName }));
}
