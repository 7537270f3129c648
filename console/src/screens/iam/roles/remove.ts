import {
  DeleteRoleCommand,
  paginateListInstanceProfilesForRole,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { collect } from "../../../aws/collect";
import { iam } from "../client";
import { permissionsOf, take } from "../permissions/principal";

/** Deletes a role with what holds it: AWS refuses one that has policies or is in an instance profile (DeleteConflict). */
export async function removeRole(name: string): Promise<void> {
  const role = { kind: "role", name } as const;
  for (const permission of await permissionsOf(role)) await take(role, permission);
  const profiles = await collect(
    paginateListInstanceProfilesForRole({ client: iam() }, { RoleName: name }),
    (page) => page.InstanceProfiles,
  );
  for (const { InstanceProfileName } of profiles)
    await iam().send(new RemoveRoleFromInstanceProfileCommand({ RoleName: name, InstanceProfileName }));
  await iam().send(new DeleteRoleCommand({ RoleName: name }));
}
