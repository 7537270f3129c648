import {
  type Bucket,
  CreateBucketCommand,
  DeleteBucketCommand,
  ListBucketsCommand,
} from "@aws-sdk/client-s3";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { useNavigate } from "react-router";
import { to } from "../../../app/links";
import { Ago } from "../../../blocks/Ago";
import { GoTo } from "../../../blocks/links/GoTo";
import type { Action } from "../../../blocks/list/actions";
import type { Column } from "../../../blocks/list/columns";
import { ResourceList } from "../../../blocks/list/ResourceList";
import { CreateModal } from "../../../blocks/modals/CreateModal";
import { useCrumbs } from "../../../blocks/Page";
import { useLive } from "../../../live/useLive";
import { currentSession } from "../../../session/session";
import { s3 } from "../client";
import { EmptyModal } from "./EmptyModal";

const nameOf = (bucket: Bucket) => bucket.Name ?? "";

const columns: Column<Bucket>[] = [
  {
    id: "name",
    header: "Name",
    value: nameOf,
    cell: (bucket) => <GoTo to={to("s3", "buckets", nameOf(bucket))}>{nameOf(bucket)}</GoTo>,
    width: 340,
  },
  { id: "region", header: "Region", value: (bucket) => bucket.BucketRegion },
  {
    id: "created",
    header: "Created",
    value: (bucket) => bucket.CreationDate,
    cell: (bucket) => <Ago at={bucket.CreationDate} />,
  },
];

/** CreateBucket names the region everywhere but in us-east-1, where naming it is an error (documented). */
async function create(Bucket: string): Promise<void> {
  const { region } = currentSession();
  const place =
    region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as never } };
  await s3().send(new CreateBucketCommand({ Bucket, ...place }));
}

/** All buckets. */
export default function BucketList() {
  useCrumbs([{ text: "S3", to: "/s3" }, { text: "Buckets" }]);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const [emptying, setEmptying] = useState<string>();
  const live = useLive(
    ["s3", "buckets"],
    async () => (await s3().send(new ListBucketsCommand({ MaxBuckets: 1000 }))).Buckets ?? [],
  );
  const actions: Action<Bucket>[] = [
    { id: "empty", text: "Empty", single: true, run: ([bucket]) => setEmptying(bucket && nameOf(bucket)) },
  ];
  const button = (
    <Button variant="primary" onClick={() => setCreating(true)}>
      Create bucket
    </Button>
  );
  return (
    <>
      <ResourceList
        id="s3.buckets"
        words={{ one: "bucket", many: "buckets" }}
        live={live}
        idOf={nameOf}
        columns={columns}
        sortedBy={{ column: "name" }}
        actions={actions}
        remove={(bucket) => s3().send(new DeleteBucketCommand({ Bucket: nameOf(bucket) }))}
        removal={{
          consequence: "A bucket has to be empty: empty it first. Its name is then free for others.",
        }}
        create={button}
        empty={{
          hint: (
            <>
              Make one for your images, or by <Box variant="code">aws s3 mb s3://name</Box>.
            </>
          ),
        }}
      />
      {creating && (
        <CreateModal
          title="Create bucket"
          label="Name"
          hint="3 to 63 lower-case letters, digits, hyphens and dots"
          create={create}
          onClose={(name) => {
            setCreating(false);
            if (name) void navigate(to("s3", "buckets", name));
          }}
        />
      )}
      {emptying && <EmptyModal bucket={emptying} onClose={() => setEmptying(undefined)} />}
    </>
  );
}
