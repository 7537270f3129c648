import { expect, it } from "vitest";
import { invokeUrl } from "./address";

it("is a name of the API's own on this machine, a path elsewhere", () => {
  expect(invokeUrl("abc", "prod", new URL("http://127.0.0.1:4566/console/"))).toBe(
    "http://abc.execute-api.localhost:4566/prod/",
  );
  expect(invokeUrl("abc", "prod", new URL("http://mlbox:4566/console/"))).toBe(
    "http://mlbox:4566/restapis/abc/prod/_user_request_/",
  );
});
