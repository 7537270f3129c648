import { S3Client } from "@aws-sdk/client-s3";
import { aws } from "../../aws/client";
import { mustBeReachable } from "./reachable";

const guarded = new WeakSet<S3Client>();

export function s3(): S3Client {
  const client = aws(S3Client);
  if (guarded.has(client)) return client;
  guarded.add(client);
  client.middlewareStack.add(
    (next) => async (args) => {
      mustBeReachable(args.input);
      return next(args);
    },
    { step: "initialize", name: "mustBeReachable" },
  );
  return client;
}
