import { HeadObjectCommand } from "@aws-sdk/client-s3";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate } from "react-router";
import { notify } from "../../../app/notices";
import { Ago } from "../../../blocks/Ago";
import { Copyable } from "../../../blocks/Copyable";
import { bytes } from "../../../blocks/formats/amounts";
import { KeyValues } from "../../../blocks/KeyValues";
import { addressOf } from "../../../blocks/links/S3Link";
import { DeleteModal } from "../../../blocks/modals/DeleteModal";
import { Refused } from "../../../blocks/Refused";
import { useLive } from "../../../live/useLive";
import { s3 } from "../client";
import { download } from "./download";
import { Preview } from "./Preview";
import { Versions } from "./Versions";
import { deleteKeys } from "./versions";

/** One object: what it looks like, what is known of it, its versions. */
export function ObjectPage({ bucket, name }: { bucket: string; name: string }) {
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const live = useLive(["s3", `objects ${bucket}`, "object", name], () =>
    s3().send(new HeadObjectCommand({ Bucket: bucket, Key: name })),
  );
  const head = live.data;
  const folder = name.slice(0, name.lastIndexOf("/") + 1);
  const metadata = Object.entries(head?.Metadata ?? {});
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              iconName="download"
              disabled={!head}
              onClick={() =>
                void download(bucket, name).catch((error: unknown) => notify.error(`Download ${name}`, error))
              }
            >
              Download
            </Button>
            <Button disabled={!head} onClick={() => setDeleting(true)}>
              Delete
            </Button>
          </SpaceBetween>
        }
      >
        {name.slice(folder.length)}
      </Header>
      <Refused of={head ? undefined : live.refusal} />
      {head && (
        <Container>
          <KeyValues
            columns={4}
            of={{
              Size: bytes(head.ContentLength),
              "Content type": head.ContentType,
              Modified: <Ago at={head.LastModified} />,
              "S3 address": <Copyable text={`s3://${bucket}/${name}`} />,
              ETag: head.ETag,
              Encryption: head.ServerSideEncryption,
              "Storage class": head.StorageClass ?? "STANDARD",
              Metadata:
                metadata.length > 0
                  ? metadata.map(([key, value]) => `${key}: ${value}`).join(", ")
                  : undefined,
            }}
          />
        </Container>
      )}
      {head && (
        <Container header={<Header variant="h2">Preview</Header>}>
          <Preview
            bucket={bucket}
            name={name}
            contentType={head.ContentType}
            size={head.ContentLength ?? 0}
            etag={head.ETag}
          />
        </Container>
      )}
      <Versions bucket={bucket} name={name} onChange={live.refresh} />
      {deleting && (
        <DeleteModal
          words={{ one: "object", many: "objects" }}
          items={[name]}
          nameOf={(key) => key}
          remove={() => deleteKeys(bucket, [{ Key: name }])}
          consequence="In a bucket with versions it gets a delete marker and can come back; elsewhere it is gone."
          onClose={(deleted) => {
            setDeleting(false);
            if (deleted) void navigate(addressOf(bucket, folder));
          }}
        />
      )}
    </SpaceBetween>
  );
}
