import type { Parameter, ParameterDeclaration } from "@aws-sdk/client-cloudformation";

/** What somebody has typed, by parameters' names; what is not in it was left as it is. */
export type Typed = Readonly<Record<string, string>>;

/** What a field shows: what was typed, else what the stack has, else the template's default. */
export function shown(one: ParameterDeclaration, typed: Typed, before: readonly Parameter[]): string {
  const name = one.ParameterKey ?? "";
  if (typed[name] !== undefined) return typed[name];
  return before.find((other) => other.ParameterKey === name)?.ParameterValue ?? one.DefaultValue ?? "";
}

/**
 * The parameters to send. What a stack has and nobody has touched keeps its value, which may be one that is not
 * shown (`NoEcho`); a default that nobody has touched is left to the template.
 */
export function sent(
  declared: readonly ParameterDeclaration[],
  typed: Typed,
  before: readonly Parameter[],
): Parameter[] {
  return declared.flatMap(({ ParameterKey }): Parameter[] => {
    if (ParameterKey === undefined) return [];
    const value = typed[ParameterKey];
    if (value !== undefined) return [{ ParameterKey, ParameterValue: value }];
    return before.some((other) => other.ParameterKey === ParameterKey)
      ? [{ ParameterKey, UsePreviousValue: true }]
      : [];
  });
}

/** Names without a value: the template has no default, the stack has none, nobody has typed one. */
export const missing = (
  declared: readonly ParameterDeclaration[],
  typed: Typed,
  before: readonly Parameter[],
): string[] =>
  declared
    .filter((one) => one.DefaultValue === undefined)
    .map((one) => one.ParameterKey ?? "")
    .filter((name) => !typed[name] && !before.some((other) => other.ParameterKey === name));
