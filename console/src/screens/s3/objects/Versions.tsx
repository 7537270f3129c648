import { CopyObjectCommand, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import { Ago } from "../../../blocks/Ago";
import { bytes } from "../../../blocks/formats/amounts";
import type { Action } from "../../../blocks/list/actions";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useLive } from "../../../live/useLive";
import { s3 } from "../client";
import { download } from "./download";
import { deleteKeys } from "./versions";

interface Version {
  id: string;
  latest: boolean;
  marker: boolean;
  size: number | undefined;
  modified: Date | undefined;
}

const columns: Column<Version>[] = [
  { id: "id", header: "Version", value: (version) => version.id, width: 320 },
  {
    id: "kind",
    header: "Kind",
    value: (version) =>
      [version.latest ? "current" : "earlier", version.marker ? "delete marker" : ""].join(" "),
  },
  { id: "size", header: "Size", value: (version) => version.size, cell: (version) => bytes(version.size) },
  {
    id: "modified",
    header: "Modified",
    value: (version) => version.modified,
    cell: (version) => <Ago at={version.modified} />,
  },
];

async function read(Bucket: string, name: string): Promise<Version[]> {
  const page = await s3().send(new ListObjectVersionsCommand({ Bucket, Prefix: name }));
  const found = [
    ...(page.Versions ?? []).map((version) => ({ ...version, marker: false })),
    ...(page.DeleteMarkers ?? []).map((version) => ({ ...version, marker: true, Size: undefined })),
  ];
  return found
    .filter(({ Key }) => Key === name)
    .map(({ VersionId, IsLatest, marker, Size, LastModified }) => ({
      id: VersionId ?? "null",
      latest: IsLatest ?? false,
      marker,
      size: Size,
      modified: LastModified,
    }));
}

/** All versions of an object, and what can be done with them. */
export function Versions({ bucket, name, onChange }: { bucket: string; name: string; onChange: () => void }) {
  const live = useLive(["s3", `objects ${bucket}`, "versions", name], () => read(bucket, name));
  const actions: Action<Version>[] = [
    {
      id: "download",
      text: "Download",
      refuses: (version) => (version.marker ? "A delete marker has no content." : undefined),
      run: async (versions) => {
        for (const version of versions) await download(bucket, name, version.id);
      },
    },
    {
      id: "restore",
      text: "Make it the current one",
      single: true,
      refuses: (version) => (version.marker ? "A delete marker has no content." : undefined),
      run: async ([version]) => {
        const source = `${bucket}/${encodeURIComponent(name)}?versionId=${version?.id}`;
        await s3().send(new CopyObjectCommand({ Bucket: bucket, Key: name, CopySource: source }));
        onChange();
      },
    },
  ];
  return (
    <ResourceList
      id="s3.versions"
      words={{ one: "version", many: "versions" }}
      variant="container"
      live={live}
      idOf={(version) => version.id}
      columns={columns}
      sortedBy={{ column: "modified", descending: true }}
      actions={actions}
      remove={async (version) => {
        await deleteKeys(bucket, [{ Key: name, VersionId: version.id }]);
        onChange();
      }}
      removal={{
        consequence: "This version goes for good. A delete marker that goes brings its object back.",
      }}
      empty={{ hint: "There is no object of this name." }}
    />
  );
}
