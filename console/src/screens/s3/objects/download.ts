import { GetObjectCommand } from "@aws-sdk/client-s3";
import { s3 } from "../client";

/**
 * Saves an object as a file.
 *
 * Its bytes come with this session's signature and go through the tab's memory (a Blob, which browsers keep on disk
 * when it is large): a presigned address would put a signature into the browser's history.
 */
export async function download(Bucket: string, Key: string, VersionId?: string): Promise<void> {
  const { Body } = await s3().send(
    new GetObjectCommand({ Bucket, Key, ...(VersionId ? { VersionId } : {}) }),
  );
  const stream = Body as { transformToWebStream(): ReadableStream } | undefined;
  if (!stream) return;
  save(await new Response(stream.transformToWebStream()).blob(), Key.split("/").at(-1) || Key);
}

/** Gives a file to whoever sits before the browser. */
export function save(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has begun to save by then; the address would keep the bytes.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
