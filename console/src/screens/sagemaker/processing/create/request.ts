import type { DescribeProcessingJobResponse, Tag } from "@aws-sdk/client-sagemaker";
import { at, nextName, pick, put, type Request } from "../../../../blocks/request/put";

/** All members of CreateProcessingJob. Documented: SageMaker API Reference. */
export const MEMBERS = [
  "ProcessingJobName",
  "RoleArn",
  "AppSpecification",
  "ProcessingInputs",
  "ProcessingOutputConfig",
  "ProcessingResources",
  "StoppingCondition",
  "Environment",
  "NetworkConfig",
  "Tags",
  "ExperimentConfig",
] as const;

/** The members of a job's cluster. */
export const CLUSTER = ["ProcessingResources", "ClusterConfig"];
export const OUTPUTS = ["ProcessingOutputConfig", "Outputs"];

const CODE = "/opt/ml/processing/input/code";

/** An input as it is added; `s3://` is where somebody types. */
export const inputAt = (name: string, folder: string): Request => ({
  InputName: name,
  S3Input: { S3Uri: "s3://", LocalPath: folder, S3DataType: "S3Prefix", S3InputMode: "File" },
});

export const OUTPUT: Request = {
  OutputName: "output",
  S3Output: { S3Uri: "s3://", LocalPath: "/opt/ml/processing/output", S3UploadMode: "EndOfJob" },
};

/** A job that is like nothing: a script that is brought from S3, and AWS's usual values. */
export const BLANK: Request = {
  AppSpecification: {
    ImageUri: "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3",
    ContainerEntrypoint: ["python3", `${CODE}/script.py`],
  },
  ProcessingInputs: [inputAt("code", CODE)],
  ProcessingResources: {
    ClusterConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 30 },
  },
  StoppingCondition: { MaxRuntimeInSeconds: 86_400 },
};

/** The request that makes another job like this one. What DescribeProcessingJob says of how it went is left out. */
export function likeOf(job: DescribeProcessingJobResponse, tags: Tag[], now: Date): Request {
  let request = pick(job, MEMBERS);
  // Told of a job whose type was chosen among several; none may ask for it.
  for (const member of ["SelectedInstanceType", "SelectedInstanceCount"])
    request = put(request, [...CLUSTER, member], undefined);
  if (tags.length > 0) request = put(request, ["Tags"], tags);
  return put(request, ["ProcessingJobName"], nextName(job.ProcessingJobName ?? "", now));
}

/** Whether what AWS requires is filled in; it says the rest itself. */
export function isReady(request: Request): boolean {
  const has = (...path: string[]) => at(request, path) !== undefined;
  const rows = [
    ...(at<Request[]>(request, ["ProcessingInputs"]) ?? []).map((row) =>
      at<string>(row, ["S3Input", "S3Uri"]),
    ),
    ...(at<Request[]>(request, OUTPUTS) ?? []).map((row) => at<string>(row, ["S3Output", "S3Uri"])),
  ];
  return (
    has("ProcessingJobName") &&
    has("RoleArn") &&
    has("AppSpecification", "ImageUri") &&
    (has(...CLUSTER, "InstanceType") || has(...CLUSTER, "InstancePreferences")) &&
    has(...CLUSTER, "VolumeSizeInGB") &&
    !rows.includes("s3://")
  );
}
