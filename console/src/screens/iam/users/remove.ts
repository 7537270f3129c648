import {
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  paginateListAccessKeys,
  paginateListGroupsForUser,
  paginateListMFADevices,
  RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import { collect } from "../../../aws/collect";
import { iam } from "../client";
import { removeDevice } from "../mfa/MfaDevices";
import { permissionsOf, take } from "../permissions/principal";

/** Deletes a user with its policies, keys, devices and memberships; what else holds it (a password) AWS names. */
export async function removeUser(UserName: string): Promise<void> {
  const user = { kind: "user", name: UserName } as const;
  for (const permission of await permissionsOf(user)) await take(user, permission);
  const keys = await collect(
    paginateListAccessKeys({ client: iam() }, { UserName }),
    (page) => page.AccessKeyMetadata,
  );
  for (const { AccessKeyId } of keys) await iam().send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  const devices = await collect(
    paginateListMFADevices({ client: iam() }, { UserName }),
    (page) => page.MFADevices,
  );
  for (const { SerialNumber } of devices) await removeDevice(UserName, SerialNumber);
  const groups = await collect(
    paginateListGroupsForUser({ client: iam() }, { UserName }),
    (page) => page.Groups,
  );
  for (const { GroupName } of groups)
    await iam().send(new RemoveUserFromGroupCommand({ UserName, GroupName }));
  await iam().send(new DeleteUserCommand({ UserName }));
}
