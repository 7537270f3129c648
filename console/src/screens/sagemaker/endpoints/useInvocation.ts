import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { useRef, useState } from "react";
import { aws } from "../../../aws/client";
import { type Refusal, refusalOf } from "../../../aws/refusal";
import { type Parts, partsOf } from "./timing";

/** One question and its answer. */
export interface Tried {
  name: string;
  contentType: string;
  /** Where what was sent can be seen, if it is an image. */
  image: string | undefined;
  sent: number;
  milliseconds: number;
  parts: Parts | undefined;
  variant: string | undefined;
  component: string | undefined;
  answerType: string | undefined;
  answer: string;
  received: number;
}

/** Who is asked, where that is not left to the endpoint. */
interface Target {
  variant?: string;
  component?: string;
}

const MOST_TRIED = 8;

/** Asks an endpoint, and keeps the last answers. */
export function useInvocation(endpoint: string) {
  const [tried, setTried] = useState<Tried[]>([]);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal>();
  const shown = useRef<string>(undefined);

  const invoke = async (body: Blob, contentType: string, name: string, target: Target) => {
    setBusy(true);
    setRefusal(undefined);
    if (shown.current) URL.revokeObjectURL(shown.current);
    shown.current = contentType.startsWith("image/") ? URL.createObjectURL(body) : undefined;
    try {
      const bytes = new Uint8Array(await body.arrayBuffer());
      const began = performance.now();
      const command = new InvokeEndpointCommand({
        EndpointName: endpoint,
        ContentType: contentType,
        Body: bytes,
        ...(target.variant ? { TargetVariant: target.variant } : {}),
        ...(target.component ? { InferenceComponentName: target.component } : {}),
      });
      const headers = heardBy(command);
      const answer = await aws(SageMakerRuntimeClient).send(command);
      const milliseconds = performance.now() - began;
      const one: Tried = {
        name,
        contentType,
        image: shown.current,
        sent: bytes.length,
        milliseconds,
        parts: partsOf(milliseconds, headers),
        variant: answer.InvokedProductionVariant,
        component: target.component,
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

/** The headers of a command's answer, once it is there: the SDK keeps none that its model does not name. */
function heardBy(command: InvokeEndpointCommand): Record<string, string> {
  const headers: Record<string, string> = {};
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      Object.assign(headers, (result.response as { headers?: Record<string, string> }).headers);
      return result;
    },
    { step: "deserialize", name: "hearHeaders" },
  );
  return headers;
}
