import { expect, it } from "vitest";
import { formOf, inputOf, isForm, wordsOf } from "./policy";

it("writes what it has read", () => {
  const policy = {
    MinimumPasswordLength: 14,
    RequireSymbols: true,
    RequireNumbers: false,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: false,
    AllowUsersToChangePassword: true,
    MaxPasswordAge: 90,
    HardExpiry: true,
    PasswordReusePrevention: 3,
  };
  expect(inputOf(formOf(policy))).toEqual(policy);
  expect(wordsOf(policy)).toBe("14 characters, an upper-case letter, a symbol");
  expect(inputOf(formOf(undefined))).not.toHaveProperty("MaxPasswordAge");
});

it.each([
  [{}, true],
  [{ length: "5" }, false],
  [{ length: "129" }, false],
  [{ age: "0" }, false],
  [{ age: "1096" }, false],
  [{ reuse: "25" }, false],
  [{ reuse: "24" }, true],
])("knows what IAM takes: %j", (part, taken) =>
  expect(isForm({ ...formOf(undefined), ...part })).toBe(taken),
);
