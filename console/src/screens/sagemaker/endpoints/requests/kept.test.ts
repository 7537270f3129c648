import { expect, test } from "vitest";
import { captureOf, folderOf, shadowsOf } from "./kept";

test("how much is captured", () => {
  const on = { EnableCapture: true, CaptureStatus: "Started" as const, CurrentSamplingPercentage: 20 };
  const more = { DestinationS3Uri: "s3://b", KmsKeyId: "" };
  expect(captureOf({ ...on, ...more })).toBe("20 % of the requests");
  expect(captureOf({ ...on, ...more, CaptureStatus: "Stopped" })).toBe("20 % of the requests, not now");
  expect(captureOf({ ...on, ...more, EnableCapture: false })).toBe("off");
});

test("folders end with a slash", () => {
  expect(folderOf("s3://b/p")).toBe("s3://b/p/");
  expect(folderOf("s3://b/p//", "e")).toBe("s3://b/p/e/");
  expect(folderOf(undefined)).toBeUndefined();
});

test("a shadow's share is its weight against the production variant's", () => {
  const of = (weight: number, shadow: number) =>
    shadowsOf({
      ProductionVariants: [{ VariantName: "p", CurrentWeight: weight }],
      ShadowProductionVariants: [{ VariantName: "s", CurrentWeight: shadow }],
    } as Parameters<typeof shadowsOf>[0]);
  expect(of(2, 1)).toBe("s: 50 %");
  expect(of(1, 3)).toBe("s: 100 %");
  expect(of(0, 1)).toBe("s: 0 %");
});
