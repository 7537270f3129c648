import { paginateListTags, type Tag } from "@aws-sdk/client-sagemaker";
import { collect } from "../../aws/collect";
import { sagemaker } from "./client";

/** The tags of something, but for those of AWS's own, which nobody may set. */
export async function tagsOf(ResourceArn: string | undefined): Promise<Tag[]> {
  const tags = await collect(paginateListTags({ client: sagemaker() }, { ResourceArn }), (page) => page.Tags);
  return tags.filter(({ Key }) => !Key?.startsWith("aws:"));
}
