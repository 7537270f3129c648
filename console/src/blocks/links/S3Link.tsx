import { to } from "../../app/links";
import { Breaking } from "../Breaking";
import { GoTo } from "./GoTo";

/** `s3://bucket/a/b.txt` as bucket and key. */
export function partsOfUri(uri: string): { bucket: string; key: string } | undefined {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri);
  return match?.[1] ? { bucket: match[1], key: match[2] ?? "" } : undefined;
}

/** Where an object or a folder is shown. */
export function addressOf(bucket: string, key: string): string {
  const base = to("s3", "buckets", bucket);
  if (key === "") return base;
  return `${base}?${key.endsWith("/") ? "prefix" : "key"}=${encodeURIComponent(key)}`;
}

/** An S3 address that leads to what is there. */
export function S3Link({ uri }: { uri: string | undefined }) {
  const parts = uri ? partsOfUri(uri) : undefined;
  if (!parts) return <>{uri ?? "–"}</>;
  return (
    <GoTo to={addressOf(parts.bucket, parts.key)}>
      <Breaking text={uri ?? ""} />
    </GoTo>
  );
}
