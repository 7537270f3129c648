import {
  type _Object,
  type DeleteMarkerEntry,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ObjectVersion,
} from "@aws-sdk/client-s3";
import { MOST_ITEMS } from "../../../aws/collect";
import { s3 } from "../client";

/** A line of the browser: a folder, which is a common prefix, or an object. */
export interface Entry {
  key: string;
  /** What comes after the folder that is shown. */
  name: string;
  folder: boolean;
  size?: number | undefined;
  modified?: Date | undefined;
  storageClass?: string | undefined;
  /** One of several of its key; absent for folders, and where current ones alone are shown. */
  version?: { id: string; latest: boolean; marker: boolean } | undefined;
}

/** One object of a listing, or nothing: the folder's own mark, which some clients make, is the folder itself. */
function entryOf(prefix: string, { Key: key, Size, LastModified, StorageClass }: _Object): Entry[] {
  if (key === undefined || key === prefix) return [];
  const name = key.slice(prefix.length);
  return [{ key, name, folder: false, size: Size, modified: LastModified, storageClass: StorageClass }];
}

export function entriesOf(prefix: string, folders: (string | undefined)[], objects: _Object[]): Entry[] {
  return [
    ...folders
      .filter((key) => key !== undefined)
      .map((key): Entry => ({ key, name: key.slice(prefix.length), folder: true })),
    ...objects.flatMap((one) => entryOf(prefix, one)),
  ];
}

/** What lies in a folder and begins with `start`, up to a thousand entries: beyond, a longer start finds them. */
export async function readFolder(
  Bucket: string,
  folder: string,
  start: string,
  signal: AbortSignal,
): Promise<Entry[]> {
  const page = await s3().send(
    new ListObjectsV2Command({ Bucket, Prefix: folder + start, Delimiter: "/", MaxKeys: MOST_ITEMS }),
    { abortSignal: signal },
  );
  return entriesOf(
    folder,
    (page.CommonPrefixes ?? []).map(({ Prefix: key }) => key),
    page.Contents ?? [],
  );
}

type Versions = { found: ObjectVersion[]; markers: DeleteMarkerEntry[] };

/** All versions as entries, deleted objects among them: key by key, the newest first. */
export function versionsOf(
  prefix: string,
  folders: (string | undefined)[],
  { found, markers }: Versions,
): Entry[] {
  const of = ({ VersionId: id = "null", IsLatest: latest = false }: DeleteMarkerEntry, marker: boolean) => ({
    id,
    latest,
    marker,
  });
  const entries = [
    ...found.flatMap((one) =>
      entryOf(prefix, one as _Object).map((entry) => ({ ...entry, version: of(one, false) })),
    ),
    ...markers.flatMap((one) => entryOf(prefix, one).map((entry) => ({ ...entry, version: of(one, true) }))),
  ];
  const newest = ({ modified }: Entry) => modified?.getTime() ?? 0;
  return [
    ...entriesOf(prefix, folders, []),
    ...entries.toSorted((a, b) =>
      a.key === b.key
        ? Number(b.version?.latest) - Number(a.version?.latest) || newest(b) - newest(a)
        : a.key < b.key
          ? -1
          : 1,
    ),
  ];
}

/** As `readFolder`, with all versions and with what is deleted. */
export async function readVersions(
  Bucket: string,
  folder: string,
  start: string,
  signal: AbortSignal,
): Promise<Entry[]> {
  const page = await s3().send(
    new ListObjectVersionsCommand({ Bucket, Prefix: folder + start, Delimiter: "/", MaxKeys: MOST_ITEMS }),
    { abortSignal: signal },
  );
  return versionsOf(
    folder,
    (page.CommonPrefixes ?? []).map(({ Prefix: key }) => key),
    { found: page.Versions ?? [], markers: page.DeleteMarkers ?? [] },
  );
}

/** `a/b/c/` → the folders that lead there, each with its whole prefix. */
export function trail(prefix: string): { name: string; prefix: string }[] {
  const names = prefix.split("/").slice(0, -1);
  return names.map((name, index) => ({
    name: name || "/",
    prefix: `${names.slice(0, index + 1).join("/")}/`,
  }));
}
