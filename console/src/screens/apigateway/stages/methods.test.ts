import type { Resource } from "@aws-sdk/client-api-gateway";
import { expect, it } from "vitest";
import { methodsOf, ownPatches, settingOf, stagePatchesFor, wishOf } from "./methods";

const resources: Resource[] = [
  { path: "/items/{id}", resourceMethods: { GET: {}, ANY: {} } },
  { path: "/", resourceMethods: { GET: {} } },
  { path: "/none" },
];

it("names methods as a stage's settings do", () => {
  expect(methodsOf(resources)).toEqual([
    { key: "~1/GET", name: "GET /" },
    { key: "~1items~1{id}/GET", name: "GET /items/{id}" },
  ]);
});

it("finds a method's own settings, however they are named", () => {
  const [root, items] = methodsOf(resources);
  if (!root || !items) throw new Error("no methods");
  const own = { loggingLevel: "INFO", throttlingRateLimit: 5 };
  for (const key of ["items/{id}/GET", "~1items~1{id}/GET", "/items/{id}/GET"])
    expect(settingOf({ methodSettings: { [key]: own, "*/*": {} } }, items)).toBe(own);
  expect(settingOf({ methodSettings: { "*/*": own } }, root)).toBeUndefined();
  expect(wishOf({ methodSettings: { "*/*": own } }, root)).toEqual({
    rate: "5",
    burst: "5000",
    logs: "INFO",
    bodies: false,
    metrics: false,
  });
  expect(wishOf({}, root)).toMatchObject({ rate: "10000", logs: "OFF" });
});

it("sets all of them at once, or none", () => {
  const method = { key: "~1items/GET", name: "GET /items" };
  const patches = ownPatches(method, { rate: "5", burst: "2", logs: "OFF", bodies: true, metrics: true });
  expect(patches).toHaveLength(5);
  expect(patches).toContainEqual({ op: "replace", path: "/~1items/GET/throttling/rateLimit", value: "5" });
  expect(patches).toContainEqual({ op: "replace", path: "/~1items/GET/logging/dataTrace", value: "false" });
  expect(stagePatchesFor(method)).toEqual([{ op: "remove", path: "/~1items/GET" }]);
});
