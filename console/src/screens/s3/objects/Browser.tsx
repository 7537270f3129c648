import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Icon from "@cloudscape-design/components/icon";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { MOST_ITEMS } from "../../../aws/collect";
import { Ago } from "../../../blocks/Ago";
import { bytes } from "../../../blocks/amounts";
import { GoTo } from "../../../blocks/GoTo";
import type { Action } from "../../../blocks/list/actions";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { addressOf } from "../../../blocks/S3Link";
import { useLive } from "../../../live/useLive";
import { UploadArea } from "../upload/UploadArea";
import { download } from "./download";
import { type Entry, readFolder } from "./folder";
import { deleteAllVersions, deleteKeys } from "./versions";

const idOf = (entry: Entry) => entry.name;

function columnsOf(bucket: string): Column<Entry>[] {
  return [
    {
      id: "name",
      header: "Name",
      value: idOf,
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
    { id: "class", header: "Storage class", value: (entry) => entry.storageClass, hidden: true },
  ];
}

/** The objects and folders below a prefix; files are dropped right here. */
export function Browser({ bucket, prefix }: { bucket: string; prefix: string }) {
  const [dropping, setDropping] = useState(false);
  const [start, setStart] = useState("");
  const live = useLive(
    ["s3", `objects ${bucket}`, prefix, start],
    (signal) => readFolder(bucket, prefix, start, signal),
    { keep: true },
  );
  const columns = useMemo(() => columnsOf(bucket), [bucket]);
  const nothing = live.data?.length === 0 && start === "";
  // The folder's own mark is not among them.
  const cut = (live.data?.length ?? 0) >= MOST_ITEMS - 1;

  const actions: Action<Entry>[] = [
    {
      id: "download",
      text: "Download",
      refuses: (entry) => (entry.folder ? "Folders are downloaded by aws s3 cp --recursive." : undefined),
      run: async (entries) => {
        for (const entry of entries) await download(bucket, entry.key);
      },
    },
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
        id="s3.objects"
        words={{ one: "object", many: "objects" }}
        variant="container"
        live={live}
        idOf={idOf}
        columns={columns}
        actions={actions}
        remove={(entry) =>
          entry.folder
            ? deleteAllVersions(bucket, entry.key, () => {})
            : deleteKeys(bucket, [{ Key: entry.key }])
        }
        removal={{
          consequence:
            "In a bucket with versions an object gets a delete marker and can come back. A folder goes with all that is below it, in all versions.",
        }}
        create={
          <Button variant="primary" iconName="upload" onClick={() => setDropping(true)}>
            Upload
          </Button>
        }
        empty={{ hint: "Drop files or a folder of images into the area above." }}
      />
    </SpaceBetween>
  );
}
