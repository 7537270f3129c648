import { expect, it } from "vitest";
import { functionArnIn, integrationOf, integrationPatches, isPatched, wishOf } from "./integration";

const URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:f/invocations";
const proxy = { type: "AWS_PROXY", uri: URI, httpMethod: "POST", timeoutInMillis: 29_000 } as const;

it("finds the function of a URI", () => {
  expect(functionArnIn(URI)).toBe("arn:f");
  expect(functionArnIn("https://example.com/")).toBe("");
});

it("changes what is another alone", () => {
  expect(integrationPatches(proxy, wishOf(proxy))).toEqual([]);
  const wish = { ...wishOf(proxy), timeoutInMillis: "5000", requestTemplates: { "text/plain": "x" } };
  expect(integrationPatches(proxy, wish)).toEqual([
    { op: "replace", path: "/timeoutInMillis", value: "5000" },
    { op: "add", path: "/requestTemplates/text~1plain", value: "x" },
  ]);
});

it("makes a mock anew, with nothing at its other end", () => {
  const mock = { ...wishOf(proxy), type: "MOCK" };
  expect([isPatched(proxy, mock), isPatched(proxy, wishOf(proxy)), isPatched(undefined, mock)]).toEqual([
    false,
    true,
    false,
  ]);
  expect(integrationOf(mock)).not.toHaveProperty("uri");
  expect(integrationOf(wishOf(proxy))).toMatchObject({ uri: URI, integrationHttpMethod: "POST" });
});
