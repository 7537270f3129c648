import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DescribeModelPackageCommand,
  type DescribeModelPackageCommandOutput,
  type ModelPackageSummary,
  paginateListModelPackages,
} from "@aws-sdk/client-sagemaker";
import { aws } from "../../../aws/client";
import { collect } from "../../../aws/collect";
import { partsOfUri } from "../../../blocks/links/S3Link";
import { sagemaker } from "../client";
import { type Numbers, numbersAmong, numbersOf, reportsOf } from "./metrics";

/** What is read of a report; one that is longer is no JSON then, and shows no numbers. */
const MOST_BYTES = 256 * 1024;

/** All versions of a group, the newest first. */
export const versionsOf = (group: string): Promise<ModelPackageSummary[]> =>
  collect(
    paginateListModelPackages(
      { client: sagemaker() },
      { ModelPackageGroupName: group, SortBy: "CreationTime", SortOrder: "Descending", MaxResults: 100 },
    ),
    (page) => page.ModelPackageSummaryList,
  );

/** One version with its numbers: of its reports, and of the properties that are numbers. */
export interface Version {
  told: DescribeModelPackageCommandOutput;
  numbers: Numbers;
}

export async function readVersion(arn: string, signal: AbortSignal): Promise<Version> {
  const told = await sagemaker().send(new DescribeModelPackageCommand({ ModelPackageName: arn }), {
    abortSignal: signal,
  });
  const reports = await Promise.all(reportsOf(told).map((uri) => numbersAt(uri, signal)));
  return { told, numbers: Object.assign(numbersAmong(told.CustomerMetadataProperties), ...reports) };
}

/** The numbers of a report; none where it is not there, or is nobody's to read. */
async function numbersAt(uri: string, signal: AbortSignal): Promise<Numbers> {
  const parts = partsOfUri(uri);
  if (!parts) return {};
  try {
    const { Body } = await aws(S3Client).send(
      new GetObjectCommand({ Bucket: parts.bucket, Key: parts.key, Range: `bytes=0-${MOST_BYTES - 1}` }),
      { abortSignal: signal },
    );
    return numbersOf(JSON.parse((await Body?.transformToString()) ?? "null"));
  } catch {
    return {};
  }
}
