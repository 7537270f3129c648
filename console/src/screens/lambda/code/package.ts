import { GetFunctionCommand } from "@aws-sdk/client-lambda";
import { lambda } from "../client";
import { type Files, MOST_PACKAGE, unzipped } from "./archive";

export interface Package {
  files: Files;
  sha256: string;
}

/** Why a function's code is not shown. */
export class NotShown extends Error {}

/** Fetches a function's package by the presigned address that GetFunction gives. */
export async function readPackage(FunctionName: string, signal: AbortSignal): Promise<Package> {
  const { Code, Configuration } = await lambda().send(new GetFunctionCommand({ FunctionName }), {
    abortSignal: signal,
  });
  if (Configuration?.PackageType === "Image") throw new NotShown("The function is a container image.");
  if ((Configuration?.CodeSize ?? 0) > MOST_PACKAGE)
    throw new NotShown("The package is larger than 3 MB: get it by aws lambda get-function.");
  // The address names the platform as its configuration does; it is asked where this page came from, as for everything.
  const { pathname, search } = new URL(Code?.Location ?? "", window.location.origin);
  const answer = await fetch(pathname + search, { signal });
  if (!answer.ok) throw new Error(`The code could not be fetched: ${answer.status}.`);
  const archive = new Uint8Array(await answer.arrayBuffer());
  return { files: unzipped(archive), sha256: Configuration?.CodeSha256 ?? "" };
}
