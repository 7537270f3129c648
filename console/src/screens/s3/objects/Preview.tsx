import { GetObjectCommand } from "@aws-sdk/client-s3";
import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";
import { useEffect, useState } from "react";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { bytes } from "../../../blocks/formats/amounts";
import { Refused } from "../../../blocks/Refused";
import { s3 } from "../client";
import { kindOf, MOST_MEDIA, MOST_TEXT, textOf } from "./preview";

interface Props {
  bucket: string;
  name: string;
  contentType: string | undefined;
  size: number;
  etag: string | undefined;
  version?: string | undefined;
}

interface Seen {
  text?: string;
  address?: string;
}

/** An object as a picture, as text, to be heard or seen. */
export function Preview({ bucket, name, contentType, size, etag, version }: Props) {
  const kind = kindOf(name, contentType);
  const [seen, setSeen] = useState<Seen>();
  const [refusal, setRefusal] = useState<Refusal>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: another etag is another content
  useEffect(() => {
    const controller = new AbortController();
    let address: string | undefined;
    setSeen(undefined);
    setRefusal(undefined);
    const read = async () => {
      const range = kind === "text" && size > MOST_TEXT ? { Range: `bytes=0-${MOST_TEXT - 1}` } : {};
      const { Body } = await s3().send(
        new GetObjectCommand({
          Bucket: bucket,
          Key: name,
          ...range,
          ...(version ? { VersionId: version } : {}),
        }),
        { abortSignal: controller.signal },
      );
      const content = (await Body?.transformToByteArray()) ?? new Uint8Array();
      if (controller.signal.aborted) return;
      if (kind === "text") {
        setSeen({ text: textOf(content) ?? "These bytes are no text." });
        return;
      }
      address = URL.createObjectURL(
        new Blob([content as Uint8Array<ArrayBuffer>], { type: contentType ?? "" }),
      );
      setSeen({ address });
    };
    if (kind !== "none" && (kind === "text" || size <= MOST_MEDIA))
      read().catch((error: unknown) => controller.signal.aborted || setRefusal(refusalOf(error)));
    return () => {
      controller.abort();
      if (address) URL.revokeObjectURL(address);
    };
  }, [bucket, name, kind, contentType, size, etag, version]);

  if (kind === "none") return <Box color="text-body-secondary">This is nothing that a page can show.</Box>;
  if (kind !== "text" && size > MOST_MEDIA)
    return <Box>It is larger than {bytes(MOST_MEDIA)}: download it.</Box>;
  if (refusal) return <Refused of={refusal} />;
  if (!seen) return <Spinner />;
  if (seen.address && kind === "image") return <img className="preview" src={seen.address} alt={name} />;
  if (seen.address && kind === "video")
    return <video className="preview" src={seen.address} controls muted />;
  // biome-ignore lint/a11y/useMediaCaption: it is somebody's own recording
  if (seen.address) return <audio src={seen.address} controls />;
  return (
    <>
      <pre className="text preview">{seen.text}</pre>
      {size > MOST_TEXT && (
        <Box color="text-body-secondary">
          The first {bytes(MOST_TEXT)} of {bytes(size)}.
        </Box>
      )}
    </>
  );
}
