import { expect, it } from "vitest";
import { inputOf, partsOf, sourceOf } from "./question";

it("takes what people paste", () => {
  expect(partsOf(" s3:GetObject, s3:PutObject\n s3:GetObject ")).toEqual(["s3:GetObject", "s3:PutObject"]);
  expect(partsOf("")).toEqual([]);
});

it("asks about any resource where none is named, and leaves out what was not filled in", () => {
  const asked = {
    who: "arn:aws:iam::123456789012:role/a",
    actions: "s3:*",
    resources: "",
    context: { "aws:SourceIp": "", "aws:RequestedRegion": "us-east-1" },
  };
  expect(inputOf(asked)).toEqual({
    PolicySourceArn: asked.who,
    ActionNames: ["s3:*"],
    ResourceArns: ["*"],
    ContextEntries: [
      { ContextKeyName: "aws:RequestedRegion", ContextKeyValues: ["us-east-1"], ContextKeyType: "string" },
    ],
  });
  expect(inputOf({ ...asked, resources: "arn:aws:s3:::a arn:aws:s3:::b" }).ResourceArns).toHaveLength(2);
});

it("knows an inline policy by its holder", () => {
  expect(sourceOf("role_my_role_in_line", "role", "my_role")).toEqual({ holder: "role", policy: "in_line" });
  expect(sourceOf("group_team_all", "group", "ann")).toEqual({ holder: "group", policy: "team_all" });
  expect(sourceOf("AmazonS3FullAccess", "aws-managed", "a")).toEqual({
    holder: "managed",
    policy: "AmazonS3FullAccess",
  });
});
