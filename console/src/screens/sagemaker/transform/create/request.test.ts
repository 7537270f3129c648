import type { DescribeTransformJobResponse } from "@aws-sdk/client-sagemaker";
import { expect, it } from "vitest";
import { put } from "../../../../blocks/request/put";
import { blankOf, INPUT, isReady, likeOf, OUTPUT } from "./request";

const NOW = new Date(Date.UTC(2026, 10, 29));

const job = {
  TransformJobName: "doubled",
  TransformJobArn: "arn:aws:sagemaker:us-east-1:123456789012:transform-job/doubled",
  TransformJobStatus: "Failed",
  FailureReason: "no room",
  CreationTime: NOW,
  TransformEndTime: NOW,
  ModelName: "doubled",
  MaxPayloadInMB: 6,
  BatchStrategy: "SingleRecord",
  TransformInput: {
    DataSource: { S3DataSource: { S3DataType: "ManifestFile", S3Uri: "s3://b/m" } },
    SplitType: "RecordIO",
  },
  TransformOutput: { S3OutputPath: "s3://b/out", KmsKeyId: "" },
  TransformResources: { InstanceType: "ml.m5.large", InstanceCount: 2, VolumeKmsKeyId: "key" },
  DataProcessing: { InputFilter: "$[1:]", OutputFilter: "$", JoinSource: "Input" },
} as unknown as DescribeTransformJobResponse;

it("makes another job of all that one was asked to be", () => {
  const { TransformJobArn, TransformJobStatus, FailureReason, CreationTime, TransformEndTime, ...asked } =
    job;
  const request = likeOf(job, [{ Key: "team", Value: "birds" }], NOW);
  expect(request).toEqual({
    ...asked,
    TransformJobName: "doubled-2026-11-29-00-00-00",
    Tags: [{ Key: "team", Value: "birds" }],
  });
  expect(isReady(request)).toBe(true);
  expect(isReady(put(request, OUTPUT, ""))).toBe(false);
});

it("begins with the model that somebody came from, and waits for its data", () => {
  const begun = blankOf("m", NOW);
  expect(at(begun)).toEqual(["transform-2026-11-29-00-00-00", "m"]);
  expect(at(blankOf(null, NOW))).toEqual(["transform-2026-11-29-00-00-00", undefined]);
  expect(isReady(begun)).toBe(false);
  const ready = put(put(begun, INPUT, "s3://b/in"), OUTPUT, "s3://b/out");
  expect(isReady(ready)).toBe(true);
  expect(isReady(put(ready, ["ModelName"], undefined))).toBe(false);
});

const at = (request: Record<string, unknown>) => [request.TransformJobName, request.ModelName];
