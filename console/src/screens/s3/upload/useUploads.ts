import { Upload } from "@aws-sdk/lib-storage";
import { useCallback, useEffect, useRef, useState } from "react";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { s3 } from "../client";
import type { Chosen } from "./names";

/** Files that are sent at once; each in parts of 8 MB, of which lib-storage sends four at a time. */
const AT_ONCE = 3;
const PART_BYTES = 8 * 1024 * 1024;

export interface Progress {
  files: number;
  done: number;
  bytes: number;
  sent: number;
  failures: { key: string; refusal: Refusal }[];
  running: boolean;
}

const NONE: Progress = { files: 0, done: 0, bytes: 0, sent: 0, failures: [], running: false };

/** Sends files to a bucket, large ones in parts, with their progress; what is left stops with the page. */
export function useUploads(bucket: string, onUploaded: () => void) {
  const [progress, setProgress] = useState<Progress>(NONE);
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);

  const start = useCallback(
    async (chosen: Chosen[]) => {
      if (chosen.length === 0) return;
      const stop = new AbortController();
      controller.current = stop;
      const sent = new Map<string, number>();
      const whole = chosen.reduce((sum, { file }) => sum + file.size, 0);
      setProgress({ ...NONE, files: chosen.length, bytes: whole, running: true });
      const count = () => [...sent.values()].reduce((sum, size) => sum + size, 0);
      const waiting = [...chosen];
      const worker = async () => {
        for (let one = waiting.shift(); one && !stop.signal.aborted; one = waiting.shift()) {
          const { key, file } = one;
          try {
            await send(bucket, one, stop.signal, (loaded) => {
              sent.set(key, loaded);
              setProgress((before) => ({ ...before, sent: count() }));
            });
            sent.set(key, file.size);
            setProgress((before) => ({ ...before, done: before.done + 1, sent: count() }));
          } catch (error) {
            if (stop.signal.aborted) return;
            const failure = { key, refusal: refusalOf(error) };
            setProgress((before) => ({ ...before, failures: [...before.failures, failure] }));
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      setProgress((before) => ({ ...before, running: false }));
      onUploaded();
    },
    [bucket, onUploaded],
  );
  return { progress, start, stop: () => controller.current?.abort() };
}

async function send(
  Bucket: string,
  { file, key }: Chosen,
  signal: AbortSignal,
  sent: (loaded: number) => void,
) {
  const upload = new Upload({
    client: s3(),
    params: { Bucket, Key: key, Body: file, ...(file.type ? { ContentType: file.type } : {}) },
    partSize: PART_BYTES,
  });
  upload.on("httpUploadProgress", ({ loaded = 0 }) => sent(loaded));
  const abort = () => void upload.abort();
  signal.addEventListener("abort", abort);
  try {
    await upload.done();
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
