import { expect, it } from "vitest";
import { folderOf } from "./folder";

it.each([
  [undefined, undefined],
  ["s3://b", "s3://b/"],
  ["s3://b/out", "s3://b/out/"],
  ["s3://b/out/", "s3://b/out/"],
])("takes the output %s as the folder %s", (uri, folder) => {
  expect(folderOf(uri)).toBe(folder);
});
