import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useParams, useSearchParams } from "react-router";
import { to } from "../../../app/links";
import { addressOf } from "../../../blocks/links/S3Link";
import { useCrumbs } from "../../../blocks/Page";
import { BucketProperties } from "../buckets/BucketProperties";
import { Browser } from "./Browser";
import { trail } from "./folder";
import { ObjectPage } from "./ObjectPage";

/** A bucket's folders, or one of its objects, by the address: keys may hold anything, so they are not in the path. */
export default function BucketPage() {
  const { bucket = "" } = useParams();
  const [search] = useSearchParams();
  const key = search.get("key");
  const prefix = search.get("prefix") ?? (key ? key.slice(0, key.lastIndexOf("/") + 1) : "");
  useCrumbs([
    { text: "S3", to: "/s3" },
    { text: "Buckets", to: "/s3/buckets" },
    { text: bucket, to: to("s3", "buckets", bucket) },
    ...trail(prefix).map(({ name, prefix: folder }) => ({ text: name, to: addressOf(bucket, folder) })),
    ...(key ? [{ text: key.slice(prefix.length) }] : []),
  ]);
  if (key) return <ObjectPage key={key} bucket={bucket} name={key} />;
  const title = (
    <Header variant="h1" description={`s3://${bucket}/${prefix}`}>
      {trail(prefix).at(-1)?.name ?? bucket}
    </Header>
  );
  if (prefix)
    return (
      <SpaceBetween size="m">
        {title}
        <Browser key={prefix} bucket={bucket} prefix={prefix} />
      </SpaceBetween>
    );
  return (
    <SpaceBetween size="m">
      {title}
      <Tabs
        ariaLabel="About the bucket"
        tabs={[
          { id: "objects", label: "Objects", content: <Browser bucket={bucket} prefix="" /> },
          { id: "properties", label: "Properties", content: <BucketProperties bucket={bucket} /> },
        ]}
      />
    </SpaceBetween>
  );
}
