import { expect, it } from "vitest";
import { mustBeReachable } from "./reachable";

it.each(["..", "../up.txt", "a/./b", "a/.."])("%s is out of a browser's reach", (Key) =>
  expect(() => mustBeReachable({ Key })).toThrow("Browsers resolve"),
);

it.each(["a..b", "...", ".hidden", "a//b", "%2e%2e/x", undefined])("%s is not", (Key) =>
  expect(() => mustBeReachable({ Key })).not.toThrow(),
);
