import type { ContainerDefinition } from "@aws-sdk/client-sagemaker";
import { partsOfUri } from "../../../blocks/links/S3Link";

/** How something in lineage is called, and the console's page about it. */
export interface Named {
  text: string;
  page?: string[];
}

/** As much of an entity as says what it stands for. */
export interface Sourced {
  arn: string;
  name?: string | undefined;
  /** The URI or ARN of what it stands for. */
  source?: string | undefined;
}

const SAGEMAKER = /^arn:[^:]+:sagemaker:[^:]*:\d{12}:([a-z-]+)\/(.+)$/;

/** The kind and the name that an ARN of SageMaker's has. */
export function partsOfArn(arn: string): { kind: string; name: string } | undefined {
  const [, kind, name] = SAGEMAKER.exec(arn) ?? [];
  return kind && name ? { kind, name } : undefined;
}

const LISTS: Record<string, string> = {
  "training-job": "training-jobs",
  "processing-job": "processing-jobs",
  "transform-job": "transform-jobs",
  endpoint: "endpoints",
  "model-package-group": "model-groups",
};

/** What an entity stands for, in few letters; where it has a page, this is it. */
export function namedBy({ arn, name, source }: Sourced): Named {
  const parts = partsOfArn(source ?? "");
  if (parts) return ofSageMaker(parts.kind, cased(parts.name, name));
  const inS3 = partsOfUri(source ?? "");
  if (inS3) return { text: lastOf(`${inS3.bucket}/${inS3.key}`, 2) };
  return { text: name ?? lastOf(source ?? arn, 1) };
}

function ofSageMaker(kind: string, name: string): Named {
  const [group = "", version] = name.split("/");
  if (kind === "model-package" && version)
    return { text: `${group}, version ${version}`, page: ["sagemaker", "model-groups", group, version] };
  const list = LISTS[kind];
  return list ? { text: name, page: ["sagemaker", list, name] } : { text: name };
}

/** ARNs are in lower case; what the platform records of a thing is called like it at first: `Dogs-aws-endpoint`. */
function cased(lowered: string, name: string | undefined): string {
  const beginning = (name ?? "").slice(0, lowered.length);
  return beginning.toLowerCase() === lowered ? beginning : lowered;
}

function lastOf(uri: string, count: number): string {
  const parts = uri.split("/").filter(Boolean);
  return parts.slice(-count).join("/");
}

/**
 * What stands for a model's container, since lineage has no models: endpoints are deployed from the package that it
 * is of, from its archive, or from its image alone.
 */
export function originOf(container: ContainerDefinition, modelArn: string): string | undefined {
  const named = container.ModelPackageName?.toLowerCase(); // as ARNs are
  if (named)
    return named.startsWith("arn:") ? named : modelArn.replace(/:model\/.*/, `:model-package/${named}`);
  return container.ModelDataUrl ?? container.ModelDataSource?.S3DataSource?.S3Uri ?? container.Image;
}
