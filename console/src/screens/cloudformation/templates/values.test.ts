import { expect, it } from "vitest";
import { missing, sent, shown } from "./values";

const days = { ParameterKey: "Days", DefaultValue: "3" };
const key = { ParameterKey: "Key", NoEcho: true };
const before = [{ ParameterKey: "Key", ParameterValue: "****" }];

it("sends what was typed, keeps what the stack has, leaves defaults to the template", () => {
  expect(sent([days, key], {}, before)).toEqual([{ ParameterKey: "Key", UsePreviousValue: true }]);
  expect(sent([days, key], { Days: "7", Key: "new" }, before)).toEqual([
    { ParameterKey: "Days", ParameterValue: "7" },
    { ParameterKey: "Key", ParameterValue: "new" },
  ]);
  expect(sent([days], { Days: "" }, [])).toEqual([{ ParameterKey: "Days", ParameterValue: "" }]);
});

it("shows what would hold", () => {
  expect(shown(days, {}, [])).toBe("3");
  expect(shown(days, { Days: "" }, [])).toBe("");
  expect(shown(key, {}, before)).toBe("****");
});

it("says what has no value", () => {
  expect(missing([days, key], {}, [])).toEqual(["Key"]);
  expect(missing([days, key], { Key: "k" }, [])).toEqual([]);
  expect(missing([days, key], {}, before)).toEqual([]);
});
