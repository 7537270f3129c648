import type { DescribeTrainingJobResponse, Tag } from "@aws-sdk/client-sagemaker";
import { at, nextName, pick, put, type Request } from "../../../../blocks/request/put";

/** All members of CreateTrainingJob. Documented: SageMaker API Reference. */
export const MEMBERS = [
  "TrainingJobName",
  "HyperParameters",
  "AlgorithmSpecification",
  "RoleArn",
  "InputDataConfig",
  "OutputDataConfig",
  "ResourceConfig",
  "VpcConfig",
  "StoppingCondition",
  "Tags",
  "EnableNetworkIsolation",
  "EnableInterContainerTrafficEncryption",
  "EnableManagedSpotTraining",
  "CheckpointConfig",
  "DebugHookConfig",
  "DebugRuleConfigurations",
  "TensorBoardOutputConfig",
  "ExperimentConfig",
  "ProfilerConfig",
  "ProfilerRuleConfigurations",
  "Environment",
  "RetryStrategy",
  "RemoteDebugConfig",
  "InfraCheckConfig",
  "SessionChainingConfig",
  "ServerlessJobConfig",
  "MlflowConfig",
  "ModelPackageConfig",
] as const;

/** A job that is like nothing: what AWS requires, and its usual values. */
export const BLANK: Request = {
  AlgorithmSpecification: {
    TrainingImage:
      "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.6.0-cpu-py312-ubuntu22.04-sagemaker",
    TrainingInputMode: "File",
  },
  ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 30 },
  StoppingCondition: { MaxRuntimeInSeconds: 86_400 },
};

/** The request that makes another job like this one. What DescribeTrainingJob says of how it went is left out. */
export function likeOf(job: DescribeTrainingJobResponse, tags: Tag[], now: Date): Request {
  let request = pick(job, MEMBERS);
  // Told of a job whose type was chosen among several; none may ask for it.
  for (const member of ["SelectedInstanceType", "SelectedInstanceCount"])
    request = put(request, ["ResourceConfig", member], undefined);
  if (tags.length > 0) request = put(request, ["Tags"], tags);
  return put(request, ["TrainingJobName"], nextName(job.TrainingJobName ?? "", now));
}

/** Whether what AWS requires is filled in; it says the rest itself. */
export function isReady(request: Request): boolean {
  const has = (...path: string[]) => at(request, path) !== undefined;
  const groups = has("ResourceConfig", "InstanceGroups");
  return (
    has("TrainingJobName") &&
    has("RoleArn") &&
    has("OutputDataConfig", "S3OutputPath") &&
    (groups || (has("ResourceConfig", "InstanceType") && has("ResourceConfig", "InstanceCount")))
  );
}
