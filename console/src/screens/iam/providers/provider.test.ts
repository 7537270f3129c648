import { expect, it } from "vitest";
import { differenceOf, isAddress, kindOf, linesOf, nameOf } from "./provider";

it("names a provider and its kind", () => {
  const oidc = "arn:aws:iam::123456789012:oidc-provider/accounts.example.com/realm";
  expect([nameOf({ arn: oidc }), kindOf(oidc)]).toEqual(["accounts.example.com/realm", "OIDC"]);
  const saml = "arn:aws:iam::123456789012:saml-provider/company";
  expect([nameOf({ arn: saml }), kindOf(saml)]).toEqual(["company", "SAML"]);
});

it.each([
  ["https://accounts.example.com/realm", true],
  ["http://accounts.example.com", false],
  ["https://accounts.example.com?x=1", false],
  ["accounts.example.com", false],
  ["", false],
])("%s is an address: %s", (text, is) => expect(isAddress(text)).toBe(is));

it("tells what changes in a list", () => {
  expect(linesOf("a\n b ,c\n\n")).toEqual(["a", "b", "c"]);
  expect(differenceOf(["a", "b"], ["b", "c"])).toEqual({ added: ["c"], gone: ["a"] });
});
