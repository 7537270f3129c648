import { describe, expect, it } from "vitest";
import { between, faultsOf, readable, trusted } from "./document";

const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const GOOD = { Effect: "Allow", Action: ["s3:Get*", "s3:ListBucket"], Resource: "arn:aws:s3:::pictures/*" };

describe("what is wrong with a policy", () => {
  it("is nothing with those that IAM takes", () => {
    expect(faultsOf(policy(GOOD), "identity")).toEqual([]);
    expect(faultsOf(policy({ ...GOOD, Action: "*", Resource: ["*"] }), "identity")).toEqual([]);
    const trust = {
      Effect: "Allow",
      Principal: { Service: "lambda.amazonaws.com" },
      Action: "sts:AssumeRole",
    };
    expect(faultsOf(policy(trust), "trust")).toEqual([]);
    expect(faultsOf(JSON.stringify({ Version: "2012-10-17", Statement: GOOD }), "identity")).toEqual([]);
  });

  it.each([
    ["{", "This is no JSON"],
    ["[]", "an object"],
    ['{"Version": "2012-10-17"}', '"Statement" is missing'],
    [policy({ ...GOOD, Effect: "allow" }), '"Effect" is "Allow" or "Deny"'],
    [policy({ ...GOOD, Action: "GetObject" }), '"GetObject" is no action'],
    [policy({ ...GOOD, Action: 7 }), "7 is no action"],
    [policy({ ...GOOD, Resource: "pictures/*" }), '"pictures/*" is no ARN'],
    [policy({ ...GOOD, NotAction: "s3:*" }), 'either "Action" or "NotAction"'],
    [policy({ ...GOOD, Principal: "*" }), '"Principal": whom this is attached to'],
    [policy({ ...GOOD, Actions: "s3:*" }), '"Actions" is no member of a statement'],
    [policy({ ...GOOD, Sid: "A" }, { ...GOOD, Sid: "A" }), 'Two statements are called "A"'],
    [policy(GOOD, { ...GOOD, Condition: [] }), 'Statement 2: "Condition" is an object'],
    [JSON.stringify({ Version: "2", Statement: GOOD }), '"Version" is 2012-10-17 or 2008-10-17'],
  ])("%s", (text, said) => {
    const [first = "", ...others] = faultsOf(text, "identity");
    expect(first).toContain(said);
    expect(others).toEqual([]);
  });

  it("is a resource in a trust policy", () => {
    const faults = faultsOf(policy(GOOD), "trust");
    expect(faults[0]).toBe('It takes either "Principal" or "NotPrincipal".');
    expect(faults[1]).toContain('"Resource": a trust policy is about its own role.');
  });
});

it("names who and what where it is a resource's own", () => {
  const statement = {
    Effect: "Allow",
    Principal: "*",
    Action: "execute-api:Invoke",
    Resource: "execute-api:/prod/GET/*",
  };
  expect(faultsOf(policy(statement), "resource")).toEqual([]);
  expect(faultsOf(policy(GOOD), "resource")).toEqual(['It takes either "Principal" or "NotPrincipal".']);
  const { Resource, ...nowhere } = statement;
  expect(faultsOf(policy(nowhere), "resource")).toEqual(['It takes either "Resource" or "NotResource".']);
  const { Principal, ...nobody } = statement;
  expect(faultsOf(policy(nobody), "identity")[0]).toContain(`${JSON.stringify(Resource)} is no ARN`);
  expect(Principal).toBe("*");
});

it("reads what IAM encoded", () => {
  expect(readable("%7B%22Version%22%3A%222012-10-17%22%7D")).toBe('{\n  "Version": "2012-10-17"\n}');
});

it("tells whom a role trusts", () => {
  const text = policy(
    { Effect: "Allow", Principal: { Service: ["lambda.amazonaws.com", "ec2.amazonaws.com"] } },
    { Effect: "Allow", Principal: { AWS: "123456789012" } },
    { Effect: "Deny", Principal: "*" },
  );
  expect(trusted(encodeURIComponent(text))).toEqual([
    "lambda.amazonaws.com",
    "ec2.amazonaws.com",
    "123456789012",
  ]);
  expect(trusted(undefined)).toEqual([]);
});

it("cuts a statement out of its document", () => {
  const text = '{"Statement": [\n  {"Effect": "Allow"},\n  {"Effect": "Deny"}\n]}';
  expect(between(text, { Line: 3, Column: 3 }, { Line: 3, Column: 21 })).toBe('{\n  "Effect": "Deny"\n}');
  expect(between(text, undefined, undefined)).toBe("");
});
