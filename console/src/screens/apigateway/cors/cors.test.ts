import { expect, it } from "vitest";
import { allowed, declared, preflight, verbsFor, writtenHere } from "./cors";

it("answers a browser that asks before", () => {
  const answer = preflight({ origin: "*", verbs: ["POST"], headers: "Content-Type" });
  expect(answer).toEqual({
    "method.response.header.Access-Control-Allow-Headers": "'Content-Type'",
    "method.response.header.Access-Control-Allow-Methods": "'POST,OPTIONS'",
    "method.response.header.Access-Control-Allow-Origin": "'*'",
  });
  expect(declared(allowed("*"))).toEqual({ "method.response.header.Access-Control-Allow-Origin": false });
});

it("knows verbs that a browser knows", () => {
  expect(verbsFor(["GET", "OPTIONS"])).toEqual(["GET"]);
  expect(verbsFor(["ANY"])).toContain("PATCH");
});

it("leaves answers of proxies to them", () => {
  expect(
    writtenHere({
      resourceMethods: {
        GET: { methodIntegration: { type: "MOCK" } },
        POST: { methodIntegration: { type: "AWS_PROXY" } },
        OPTIONS: {},
      },
    }),
  ).toEqual([
    { verb: "GET", proxy: false },
    { verb: "POST", proxy: true },
  ]);
});
