import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Icon from "@cloudscape-design/components/icon";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useMemo, useState } from "react";
import { MOST_ITEMS } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { bytes } from "../../../blocks/formats/amounts";
import { GoTo } from "../../../blocks/links/GoTo";
import { addressOf } from "../../../blocks/links/S3Link";
import type { Action } from "../../../blocks/list/actions";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { useLive } from "../../../live/useLive";
import { UploadArea } from "../upload/UploadArea";
import { download } from "./download";
import { type Entry, readFolder, readVersions } from "./folder";
import { deleteAllVersions, deleteKeys } from "./versions";

const nameOf = (entry: Entry) => entry.name;
const idOf = ({ name, version }: Entry) => (version ? `${name}\n${version.id}` : name);

const kindOf = ({ version }: Entry) =>
  version &&
  [version.latest ? "current" : "earlier", version.marker ? "deleted" : ""].filter(Boolean).join(", ");

const OF_VERSIONS: Column<Entry>[] = [
  { id: "kind", header: "Kind", value: kindOf, width: 160 },
  { id: "version", header: "Version", value: ({ version }) => version?.id, width: 260 },
];

function columnsOf(bucket: string, all: boolean): Column<Entry>[] {
  return [
    {
      id: "name",
      header: "Name",
      value: nameOf,
      cell: (entry) => (
        <SpaceBetween direction="horizontal" size="xs">
          <Icon name={entry.folder ? "folder" : "file"} />
          <GoTo to={addressOf(bucket, entry.key)}>{entry.name}</GoTo>
        </SpaceBetween>
      ),
      width: 420,
    },
    {
      id: "size",
      header: "Size",
      value: (entry) => entry.size,
      cell: (entry) => (entry.folder ? "–" : bytes(entry.size)),
    },
    {
      id: "modified",
      header: "Modified",
      value: (entry) => entry.modified,
      cell: (entry) => <Ago at={entry.modified} />,
    },
    ...(all ? OF_VERSIONS : []),
    { id: "class", header: "Storage class", value: (entry) => entry.storageClass, hidden: true },
  ];
}

/** Takes the delete marker away that hides an object. */
const restore = (bucket: string): Action<Entry> => ({
  id: "restore",
  text: "Bring back",
  refuses: ({ version }) =>
    version?.marker && version.latest ? undefined : "Only what is deleted can be brought back.",
  run: (entries) =>
    deleteKeys(
      bucket,
      entries.map(({ key, version }) => ({ Key: key, VersionId: version?.id })),
    ),
});

/** The objects and folders below a prefix; files are dropped right here. */
export function Browser({ bucket, prefix }: { bucket: string; prefix: string }) {
  const [dropping, setDropping] = useState(false);
  const [start, setStart] = useState("");
  const [all, setAll] = useState(false);
  const live = useLive(
    ["s3", `objects ${bucket}`, prefix, start, all],
    (signal) => (all ? readVersions : readFolder)(bucket, prefix, start, signal),
    { keep: true },
  );
  const columns = useMemo(() => columnsOf(bucket, all), [bucket, all]);
  const nothing = live.data?.length === 0 && start === "" && !all;
  // The folder's own mark is not among them.
  const cut = (live.data?.length ?? 0) >= MOST_ITEMS - 1;

  const actions: Action<Entry>[] = [
    {
      id: "download",
      text: "Download",
      refuses: (entry) =>
        entry.folder
          ? "Folders are downloaded by aws s3 cp --recursive."
          : entry.version?.marker
            ? "A delete marker has no content."
            : undefined,
      run: async (entries) => {
        for (const entry of entries) await download(bucket, entry.key, entry.version?.id);
      },
    },
    ...(all ? [restore(bucket)] : []),
    {
      id: "uri",
      text: "Copy S3 address",
      single: true,
      run: ([entry]) => navigator.clipboard.writeText(`s3://${bucket}/${entry?.key ?? ""}`),
    },
  ];

  return (
    <SpaceBetween size="m">
      {(dropping || nothing) && (
        <UploadArea
          bucket={bucket}
          prefix={prefix}
          onBegin={() => setDropping(true)}
          onUploaded={live.refresh}
          onClose={() => setDropping(false)}
        />
      )}
      {(cut || start !== "") && (
        <FormField
          label="Only names that begin with"
          description={cut ? `There are more than the ${MOST_ITEMS} below.` : undefined}
        >
          <Input
            type="search"
            value={start}
            onChange={({ detail }) => setStart(detail.value)}
            spellcheck={false}
          />
        </FormField>
      )}
      <ResourceList
        key={all ? "versions" : "objects"}
        id={all ? "s3.objectVersions" : "s3.objects"}
        words={all ? { one: "version", many: "versions" } : { one: "object", many: "objects" }}
        variant="container"
        live={live}
        idOf={idOf}
        nameOf={nameOf}
        columns={columns}
        description={
          <Toggle checked={all} onChange={({ detail }) => setAll(detail.checked)}>
            Show versions, and what is deleted
          </Toggle>
        }
        actions={actions}
        remove={(entry) =>
          entry.folder
            ? deleteAllVersions(bucket, entry.key, () => {})
            : deleteKeys(bucket, [{ Key: entry.key, VersionId: entry.version?.id }])
        }
        removal={{
          consequence: all
            ? "Versions go for good. A delete marker that goes brings its object back. A folder goes with all that is below it."
            : "In a bucket with versions an object gets a delete marker and can come back. A folder goes with all that is below it, in all versions.",
        }}
        create={
          <Button variant="primary" iconName="upload" onClick={() => setDropping(true)}>
            Upload
          </Button>
        }
        empty={{
          hint: all
            ? "Nothing was ever here, or all of its versions are gone."
            : "Drop files or a folder of images into the area above.",
        }}
      />
    </SpaceBetween>
  );
}
