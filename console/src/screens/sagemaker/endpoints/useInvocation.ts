import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { useRef, useState } from "react";
import { aws } from "../../../aws/client";
import { type Refusal, refusalOf } from "../../../aws/refusal";

/** One question and its answer. */
export interface Tried {
  name: string;
  contentType: string;
  /** Where what was sent can be seen, if it is an image. */
  image: string | undefined;
  sent: number;
  milliseconds: number;
  variant: string | undefined;
  answerType: string | undefined;
  answer: string;
  received: number;
}

const MOST_TRIED = 8;

/** Asks an endpoint, and keeps the last answers. */
export function useInvocation(endpoint: string) {
  const [tried, setTried] = useState<Tried[]>([]);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const shown = useRef<string>(undefined);

  const invoke = async (body: Blob, contentType: string, name: string, variant: string | undefined) => {
    setBusy(true);
    setRefusal(undefined);
    if (shown.current) URL.revokeObjectURL(shown.current);
    shown.current = contentType.startsWith("image/") ? URL.createObjectURL(body) : undefined;
    try {
      const bytes = new Uint8Array(await body.arrayBuffer());
      const began = performance.now();
      const answer = await aws(SageMakerRuntimeClient).send(
        new InvokeEndpointCommand({
          EndpointName: endpoint,
          ContentType: contentType,
          Body: bytes,
          ...(variant ? { TargetVariant: variant } : {}),
        }),
      );
      const milliseconds = performance.now() - began;
      const one: Tried = {
        name,
        contentType,
        image: shown.current,
        sent: bytes.length,
        milliseconds,
        variant: answer.InvokedProductionVariant,
        answerType: answer.ContentType,
        answer: new TextDecoder().decode(answer.Body),
        received: answer.Body?.length ?? 0,
      };
      // An image's address is given back with the next question: older answers keep their numbers.
      setTried((before) =>
        [one, ...before.map((old) => ({ ...old, image: undefined }))].slice(0, MOST_TRIED),
      );
    } catch (error) {
      setRefusal(refusalOf(error));
    }
    setBusy(false);
  };
  return { tried, busy, refusal, invoke };
}
