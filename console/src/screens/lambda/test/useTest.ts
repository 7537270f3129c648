import { InvokeCommand } from "@aws-sdk/client-lambda";
import { useState } from "react";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { lambda } from "../client";

export interface Tested {
  milliseconds: number;
  /** `Unhandled`, where the function failed: `payload` then has its error. */
  error: string | undefined;
  payload: string;
  /** The last 4 kB of the log. */
  log: string;
  version: string | undefined;
}

/** Invokes a function and waits for it. */
export function useTest(name: string, onTested: () => void) {
  const [tested, setTested] = useState<Tested>();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const test = async (event: string, qualifier: string | undefined) => {
    setBusy(true);
    setRefusal(undefined);
    const began = performance.now();
    try {
      const answer = await lambda().send(
        new InvokeCommand({
          FunctionName: name,
          Payload: new TextEncoder().encode(event),
          LogType: "Tail",
          ...(qualifier ? { Qualifier: qualifier } : {}),
        }),
      );
      setTested({
        milliseconds: performance.now() - began,
        error: answer.FunctionError,
        payload: new TextDecoder().decode(answer.Payload),
        log: new TextDecoder().decode(
          Uint8Array.from(atob(answer.LogResult ?? ""), (char) => char.charCodeAt(0)),
        ),
        version: answer.ExecutedVersion,
      });
    } catch (error) {
      setRefusal(refusalOf(error));
    }
    setBusy(false);
    onTested();
  };
  return { tested, busy, refusal, test };
}
