import {
  DescribeImagesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
} from "@aws-sdk/client-ec2";
import { IAMClient, paginateListInstanceProfiles } from "@aws-sdk/client-iam";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";
import { document } from "../../../aws/documents";
import { useLive } from "../../../live/useLive";
import { ec2 } from "../client";
import { machineTypes, newestFirst, type Prices } from "./choices";

/** What there is to choose from when a machine is launched. */
export function useChoices() {
  const images = useLive(["ec2", "images"], async () =>
    newestFirst((await ec2().send(new DescribeImagesCommand({ Owners: ["self", "amazon"] }))).Images ?? []),
  );
  const types = useLive(["sagehen", "prices"], async (signal) =>
    machineTypes((await document<Prices>("prices", signal)).instanceTypes),
  );
  const keys = useLive(
    ["ec2", "keys"],
    async () => (await ec2().send(new DescribeKeyPairsCommand({}))).KeyPairs ?? [],
  );
  const groups = useLive(
    ["ec2", "groups"],
    async () => (await ec2().send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? [],
  );
  const profiles = useLive(["iam", "instanceProfiles"], () =>
    collect(paginateListInstanceProfiles({ client: aws(IAMClient) }, {}), (page) => page.InstanceProfiles),
  );
  return { images, types, keys, groups, profiles };
}
