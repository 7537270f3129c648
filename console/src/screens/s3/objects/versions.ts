import { DeleteObjectsCommand, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import { s3 } from "../client";

/** What DeleteObjects takes at once (documented). */
const BATCH = 1000;

interface Key {
  Key?: string | undefined;
  VersionId?: string | undefined;
}

/** Deletes up to 1000 keys; throws with S3's own words for the first that it kept. */
export async function deleteKeys(Bucket: string, keys: Key[]): Promise<void> {
  for (let start = 0; start < keys.length; start += BATCH) {
    const Objects = keys.slice(start, start + BATCH).map(({ Key = "", VersionId }) => ({
      Key,
      ...(VersionId ? { VersionId } : {}),
    }));
    const { Errors } = await s3().send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    );
    const [first] = Errors ?? [];
    if (first)
      throw Object.assign(new Error(`${first.Key}: ${first.Message}`), { name: first.Code ?? "Error" });
  }
}

/** Deletes all versions below a prefix, page by page, and tells how many have gone. */
export async function deleteAllVersions(
  Bucket: string,
  Prefix: string,
  gone: (count: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  let count = 0;
  // Each round asks from the beginning: what was deleted is no longer there.
  while (!signal?.aborted) {
    const page = await s3().send(new ListObjectVersionsCommand({ Bucket, ...(Prefix ? { Prefix } : {}) }));
    const found: Key[] = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (found.length === 0) return;
    await deleteKeys(Bucket, found);
    count += found.length;
    gone(count);
  }
}
