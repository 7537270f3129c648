import {
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  paginateListPolicyVersions,
} from "@aws-sdk/client-iam";
import { collect } from "../../../aws/collect";
import { iam } from "../client";

/** Deletes a policy with its versions, as AWS asks: those that are not in force first. */
export async function removePolicy(PolicyArn: string): Promise<void> {
  const versions = await collect(
    paginateListPolicyVersions({ client: iam() }, { PolicyArn }),
    (page) => page.Versions,
  );
  for (const { VersionId, IsDefaultVersion } of versions)
    if (!IsDefaultVersion) await iam().send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  await iam().send(new DeletePolicyCommand({ PolicyArn }));
}
