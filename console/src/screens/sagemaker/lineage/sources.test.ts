import { describe, expect, it } from "vitest";
import { namedBy, originOf } from "./sources";

const ARN = "arn:aws:sagemaker:us-east-1:123456789012";
const ENTITY = `${ARN}:artifact/0123abcd`;

const named = (source: string | undefined, name?: string) => {
  const { text, page } = namedBy({ arn: ENTITY, source, name });
  return [text, page?.join(" ")];
};

describe("what an entity of lineage stands for", () => {
  it.each([
    [`${ARN}:training-job/dogs`, "Dogs-aws-training-job", "Dogs", "sagemaker training-jobs Dogs"],
    [`${ARN}:processing-job/a`, "a-aws-processing-job", "a", "sagemaker processing-jobs a"],
    [`${ARN}:transform-job/b`, "b-aws-transform-job", "b", "sagemaker transform-jobs b"],
    [`${ARN}:endpoint/dogs`, "Dogs-1764000000-aws-endpoint", "Dogs", "sagemaker endpoints Dogs"],
    [`${ARN}:endpoint/dogs`, "another", "dogs", "sagemaker endpoints dogs"],
    [`${ARN}:model-package-group/g`, "G-aws-model-group", "G", "sagemaker model-groups G"],
    [`${ARN}:model-package/g/3`, undefined, "g, version 3", "sagemaker model-groups g 3"],
  ])("has a page where it is %s", (source, name, text, page) => {
    expect(named(source, name)).toEqual([text, page]);
  });

  it.each([
    [`${ARN}:model-package/alone`, undefined, "alone"],
    ["s3://dogs/out/job/output/model.tar.gz", undefined, "output/model.tar.gz"],
    ["s3://dogs", undefined, "dogs"],
    ["123456789012.dkr.ecr.us-east-1.amazonaws.com/team/trainer:v1", undefined, "trainer:v1"],
    ["https://example.com/report", "Report", "Report"],
    [undefined, "my-run", "my-run"],
    [undefined, undefined, "0123abcd"],
  ])("has none where it is %s", (source, name, text) => {
    expect(named(source, name)).toEqual([text, undefined]);
  });
});

describe("what stands for a model's container", () => {
  const s3 = { S3Uri: "s3://dogs/two/", S3DataType: "S3Prefix", CompressionType: "None" } as const;
  it.each([
    [{ ModelPackageName: "Dogs/3", ModelDataUrl: "s3://dogs/one" }, `${ARN}:model-package/dogs/3`],
    [{ ModelPackageName: `${ARN}:model-package/Dogs/3` }, `${ARN}:model-package/dogs/3`],
    [{ Image: "image", ModelDataUrl: "s3://dogs/one" }, "s3://dogs/one"],
    [{ Image: "image", ModelDataSource: { S3DataSource: s3 } }, "s3://dogs/two/"],
    [{ Image: "image" }, "image"],
    [{}, undefined],
  ])("is of %o", (container, origin) => {
    expect(originOf(container, `${ARN}:model/dogs`)).toBe(origin);
  });
});
