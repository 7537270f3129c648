/** Who tells an account who somebody is: by tokens of OpenID Connect, or by SAML's assertions. */
export interface Provider {
  arn: string;
  kind: "OIDC" | "SAML";
  created?: Date | undefined;
  validUntil?: Date | undefined;
}

/** `accounts.example.com/realm` of `arn:aws:iam::123456789012:oidc-provider/accounts.example.com/realm`. */
export const nameOf = ({ arn }: Pick<Provider, "arn">): string => arn.slice(arn.indexOf("/") + 1);

export const kindOf = (arn: string): Provider["kind"] => (arn.includes(":saml-provider/") ? "SAML" : "OIDC");

/** Whether a text may be a provider's address: IAM takes no port, no query, and https alone. */
export const isAddress = (text: string): boolean => {
  try {
    const { protocol, search, hash } = new URL(text.trim());
    return protocol === "https:" && search === "" && hash === "";
  } catch {
    return false;
  }
};

/** Lines of a text, without those that are empty. */
export const linesOf = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);

/** What is to be added to a list, and what taken away. */
export const differenceOf = (before: readonly string[], after: readonly string[]) => ({
  added: after.filter((one) => !before.includes(one)),
  gone: before.filter((one) => !after.includes(one)),
});
