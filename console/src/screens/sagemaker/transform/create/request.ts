import type { DescribeTransformJobResponse, Tag } from "@aws-sdk/client-sagemaker";
import { at, nextName, pick, put, type Request } from "../../../../blocks/request/put";

/** All members of CreateTransformJob. Documented: SageMaker API Reference. */
export const MEMBERS = [
  "TransformJobName",
  "ModelName",
  "MaxConcurrentTransforms",
  "ModelClientConfig",
  "MaxPayloadInMB",
  "BatchStrategy",
  "Environment",
  "TransformInput",
  "TransformOutput",
  "DataCaptureConfig",
  "TransformResources",
  "DataProcessing",
  "Tags",
  "ExperimentConfig",
] as const;

export const INPUT = ["TransformInput", "DataSource", "S3DataSource", "S3Uri"];
export const OUTPUT = ["TransformOutput", "S3OutputPath"];

/** A job that is like nothing: tables of text, line by line. */
export const BLANK: Request = {
  TransformInput: {
    DataSource: { S3DataSource: { S3DataType: "S3Prefix" } },
    ContentType: "text/csv",
    SplitType: "Line",
  },
  TransformOutput: { Accept: "text/csv", AssembleWith: "Line" },
  TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 1 },
};

/** A request that begins with nothing but, perhaps, a model. */
export function blankOf(model: string | null, now: Date): Request {
  const request = put(BLANK, ["TransformJobName"], nextName("transform", now));
  return model ? put(request, ["ModelName"], model) : request;
}

/** The request that makes another job like this one. What DescribeTransformJob says of how it went is left out. */
export function likeOf(job: DescribeTransformJobResponse, tags: Tag[], now: Date): Request {
  let request = pick(job, MEMBERS);
  if (tags.length > 0) request = put(request, ["Tags"], tags);
  return put(request, ["TransformJobName"], nextName(job.TransformJobName ?? "", now));
}

/** Whether what AWS requires is filled in; it says the rest itself. */
export function isReady(request: Request): boolean {
  return [
    ["TransformJobName"],
    ["ModelName"],
    INPUT,
    OUTPUT,
    ["TransformResources", "InstanceType"],
    ["TransformResources", "InstanceCount"],
  ].every((path) => at(request, path) !== undefined);
}
