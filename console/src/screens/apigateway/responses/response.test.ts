import { expect, it } from "vitest";
import { formOf, inputOf, isForm, ownerOf, whenOf } from "./response";

const throttled = {
  responseType: "THROTTLED" as const,
  statusCode: "429",
  responseParameters: { "gatewayresponse.header.Retry-After": "'5'" },
  responseTemplates: { "application/json": '{"message":$context.error.messageString}' },
  defaultResponse: true,
};

it("writes what it has read", () => {
  expect(formOf(throttled).headers).toEqual([["Retry-After", "'5'"]]);
  expect(inputOf("a1", "THROTTLED", formOf(throttled))).toEqual({
    restApiId: "a1",
    responseType: "THROTTLED",
    statusCode: "429",
    responseParameters: throttled.responseParameters,
    responseTemplates: throttled.responseTemplates,
  });
  expect(inputOf("a1", "DEFAULT_4XX", { status: " ", headers: [["", "x"]], templates: [] })).toEqual({
    restApiId: "a1",
    responseType: "DEFAULT_4XX",
    responseParameters: {},
    responseTemplates: {},
  });
});

it("knows a status", () => {
  const form = formOf(throttled);
  expect([isForm(form), isForm({ ...form, status: "" }), isForm({ ...form, status: "99" })]).toEqual([
    true,
    true,
    false,
  ]);
});

it("says whose words an answer has", () => {
  const family = { responseType: "DEFAULT_4XX" as const, defaultResponse: false };
  expect(ownerOf(throttled, [throttled])).toBe("API Gateway");
  expect(ownerOf(throttled, [throttled, family])).toBe("DEFAULT_4XX");
  expect(ownerOf(family, [family])).toBe("this API");
  expect(ownerOf({ ...family, defaultResponse: true }, [{ ...family, defaultResponse: true }])).toBe(
    "API Gateway",
  );
  expect(whenOf(throttled)).toContain("too many");
});
