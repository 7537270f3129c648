import type { DescribeTrainingJobResponse } from "@aws-sdk/client-sagemaker";
import { expect, it } from "vitest";
import { isReady, likeOf } from "./request";

const job = {
  TrainingJobName: "train-one",
  TrainingJobArn: "arn:aws:sagemaker:us-east-1:123456789012:training-job/train-one",
  TrainingJobStatus: "Completed",
  SecondaryStatus: "Completed",
  CreationTime: new Date(),
  ModelArtifacts: { S3ModelArtifacts: "s3://b/model.tar.gz" },
  AlgorithmSpecification: {
    TrainingInputMode: "File",
    TrainingImage: "image",
    ContainerArguments: ["--deep"],
  },
  ResourceConfig: {
    InstanceType: "ml.m5.large",
    InstanceCount: 2,
    VolumeSizeInGB: 5,
    SelectedInstanceCount: 2,
  },
  StoppingCondition: { MaxRuntimeInSeconds: 60, MaxWaitTimeInSeconds: 90 },
  EnableManagedSpotTraining: true,
  EnableNetworkIsolation: false,
  HyperParameters: { epochs: "2" },
  RetryStrategy: { MaximumRetryAttempts: 3 },
  OutputDataConfig: { S3OutputPath: "s3://b/out", KmsKeyId: "" },
  RoleArn: "arn:aws:iam::123456789012:role/r",
} as unknown as DescribeTrainingJobResponse;

it("makes another job of all that one was asked to be", () => {
  const request = likeOf(job, [{ Key: "team", Value: "birds" }], new Date(Date.UTC(2026, 10, 29)));
  expect(request).toEqual({
    TrainingJobName: "train-one-2026-11-29-00-00-00",
    AlgorithmSpecification: job.AlgorithmSpecification,
    ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 2, VolumeSizeInGB: 5 },
    StoppingCondition: job.StoppingCondition,
    EnableManagedSpotTraining: true,
    EnableNetworkIsolation: false,
    HyperParameters: { epochs: "2" },
    RetryStrategy: { MaximumRetryAttempts: 3 },
    OutputDataConfig: job.OutputDataConfig,
    RoleArn: job.RoleArn,
    Tags: [{ Key: "team", Value: "birds" }],
  });
  expect(isReady(request)).toBe(true);
  expect(isReady({ ...request, RoleArn: undefined })).toBe(false);
});
