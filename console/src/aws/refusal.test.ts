import { expect, it } from "vitest";
import { isDenied, refusalOf } from "./refusal";

const thrown = (name: string, message: string, httpStatusCode: number) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode, requestId: "r" } });

it.each([
  [thrown("NotFound", "UnknownError", 404), "NotFound", /not there/],
  [thrown("Unknown", "UnknownError", 403), "Forbidden", /may not/],
  [thrown("Unknown", "UnknownError", 405), "405", /No reason/],
  [thrown("NoSuchKey", "The specified key does not exist.", 404), "NoSuchKey", /specified key/],
  [new TypeError("Failed to fetch"), "NoAnswer", /Is it running/],
  [
    Object.assign(new TypeError("Failed to fetch"), { $metadata: { attempts: 2 } }),
    "NoAnswer",
    /Is it running/,
  ],
])("%s", (error, code, message) => {
  expect(refusalOf(error).code).toBe(code);
  expect(refusalOf(error).message).toMatch(message);
});

it.each([
  ["AccessDenied", true],
  ["AccessDeniedException", true],
  ["UnauthorizedOperation", true],
  ["AuthFailure", false],
  ["NoSuchBucket", false],
])("%s is a matter of rights: %s", (code, is) => expect(isDenied({ code })).toBe(is));
