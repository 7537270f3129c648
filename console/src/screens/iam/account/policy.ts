import type { PasswordPolicy, UpdateAccountPasswordPolicyCommandInput } from "@aws-sdk/client-iam";
import { areCounts } from "../../../blocks/formats/numbers";

/** What passwords must be, as a form has it: an empty number is none. */
export interface Form {
  length: string;
  symbols: boolean;
  numbers: boolean;
  upper: boolean;
  lower: boolean;
  change: boolean;
  age: string;
  reuse: string;
  hard: boolean;
}

/** AWS's own policy where an account has none (documented: IAM User Guide, Custom password policy). */
export const formOf = (policy: PasswordPolicy | undefined): Form => ({
  length: String(policy?.MinimumPasswordLength ?? 8),
  symbols: policy?.RequireSymbols ?? false,
  numbers: policy?.RequireNumbers ?? false,
  upper: policy?.RequireUppercaseCharacters ?? false,
  lower: policy?.RequireLowercaseCharacters ?? false,
  change: policy?.AllowUsersToChangePassword ?? false,
  age: String(policy?.MaxPasswordAge ?? ""),
  reuse: String(policy?.PasswordReusePrevention ?? ""),
  hard: policy?.HardExpiry ?? false,
});

const isBetween = (text: string, least: number, most: number) =>
  areCounts(text) && Number(text) >= least && Number(text) <= most;

export const isForm = ({ length, age, reuse }: Form): boolean =>
  isBetween(length, 6, 128) &&
  (age.trim() === "" || isBetween(age, 1, 1095)) &&
  (reuse.trim() === "" || isBetween(reuse, 1, 24));

/** All of it: what UpdateAccountPasswordPolicy is not told goes back to its default. */
export const inputOf = (form: Form): UpdateAccountPasswordPolicyCommandInput => ({
  MinimumPasswordLength: Number(form.length),
  RequireSymbols: form.symbols,
  RequireNumbers: form.numbers,
  RequireUppercaseCharacters: form.upper,
  RequireLowercaseCharacters: form.lower,
  AllowUsersToChangePassword: form.change,
  ...(form.age.trim() ? { MaxPasswordAge: Number(form.age), HardExpiry: form.hard } : {}),
  ...(form.reuse.trim() ? { PasswordReusePrevention: Number(form.reuse) } : {}),
});

/** What it asks for, in words. */
export function wordsOf(policy: PasswordPolicy): string {
  const kinds = [
    policy.RequireUppercaseCharacters && "an upper-case letter",
    policy.RequireLowercaseCharacters && "a lower-case letter",
    policy.RequireNumbers && "a digit",
    policy.RequireSymbols && "a symbol",
  ].filter(Boolean);
  return [`${policy.MinimumPasswordLength ?? 6} characters`, ...kinds].join(", ");
}
