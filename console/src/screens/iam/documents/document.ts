import { pretty } from "../../../blocks/formats/pretty";

/** A document as IAM answers it: percent-encoded by RFC 3986. */
export const decoded = (text: string | undefined): string => decodeURIComponent(text ?? "");

/** The same, with line breaks, for people. */
export const readable = (text: string | undefined): string => pretty(decoded(text)).text;

/** Which rules a document is written by: of who has it, of a role, of what is asked for (a bucket, an API). */
export type Kind = "identity" | "trust" | "resource";

const VERSIONS = ["2012-10-17", "2008-10-17"];
const MEMBERS = [
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "NotPrincipal",
  "Condition",
];
/** `s3:Get*`, `*`; what IAM's grammar says of an action. */
const ACTION = /^(\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/;
/** `arn:aws:s3:::bucket/*`, `*`; five colons at least, or a wildcard that stands for what is missing. */
const RESOURCE = /^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:.+|arn:.*\*.*)$/;
/** What API Gateway takes for its own API's ARN: `execute-api:/prod/GET/items`. */
const SHORTHAND = /^execute-api:\//;

type Statement = Record<string, unknown>;

/**
 * What is wrong with a policy document, in its order; nothing where IAM would take it by all that can be seen without
 * it. The grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function faultsOf(text: string, kind: Kind): string[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return [`This is no JSON: ${(error as Error).message}`];
  }
  if (!isObject(document)) return ["A policy is an object: { … }."];
  const faults = Object.keys(document)
    .filter((member) => !["Version", "Id", "Statement"].includes(member))
    .map((member) => `A policy has no member "${member}".`);
  if (document.Version !== undefined && !VERSIONS.includes(String(document.Version)))
    faults.push(`"Version" is ${VERSIONS.join(" or ")}: it names the grammar, not your policy.`);
  const statements = listOf(document.Statement);
  if (statements.length === 0) faults.push('"Statement" is missing.');
  const names = statements.flatMap((one) => (isObject(one) && one.Sid !== undefined ? [one.Sid] : []));
  for (const name of new Set(names.filter((name, place) => names.indexOf(name) !== place)))
    faults.push(`Two statements are called "${name}".`);
  statements.forEach((statement, place) => {
    const where = statements.length > 1 ? `Statement ${place + 1}: ` : "";
    const of = isObject(statement) ? faultsOfStatement(statement, kind) : ["it is no object."];
    faults.push(...of.map((fault) => where + fault));
  });
  return faults;
}

function faultsOfStatement(statement: Statement, kind: Kind): string[] {
  const faults = Object.keys(statement)
    .filter((member) => !MEMBERS.includes(member))
    .map((member) => `"${member}" is no member of a statement.`);
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny")
    faults.push('"Effect" is "Allow" or "Deny".');
  const need = (one: string, other: string) => {
    const count = Number(one in statement) + Number(other in statement);
    if (count !== 1) faults.push(`It takes either "${one}" or "${other}".`);
  };
  const forbid = (why: string, ...members: string[]) => {
    for (const member of members) if (member in statement) faults.push(`"${member}": ${why}`);
  };
  need("Action", "NotAction");
  if (kind === "identity")
    forbid("whom this is attached to is who it is about.", "Principal", "NotPrincipal");
  else need("Principal", "NotPrincipal");
  if (kind === "trust") forbid("a trust policy is about its own role.", "Resource", "NotResource");
  else need("Resource", "NotResource");
  for (const action of [...listOf(statement.Action), ...listOf(statement.NotAction)])
    if (typeof action !== "string" || !ACTION.test(action))
      faults.push(`${JSON.stringify(action)} is no action: "s3:GetObject", "s3:Get*", "*".`);
  for (const resource of [...listOf(statement.Resource), ...listOf(statement.NotResource)])
    if (
      typeof resource !== "string" ||
      !(RESOURCE.test(resource) || (kind === "resource" && SHORTHAND.test(resource)))
    )
      faults.push(`${JSON.stringify(resource)} is no ARN: "arn:aws:s3:::bucket/*", "*".`);
  if (statement.Condition !== undefined && !isObject(statement.Condition))
    faults.push('"Condition" is an object: { "StringEquals": { "aws:RequestedRegion": "us-east-1" } }.');
  return faults;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const listOf = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** Who may be a role: `lambda.amazonaws.com`, an account, a user. */
export function trusted(document: string | undefined): string[] {
  const { json } = pretty(decoded(document));
  const statements = isObject(json) ? listOf(json.Statement) : [];
  const found = statements.flatMap((statement) => {
    if (!isObject(statement) || statement.Effect !== "Allow") return [];
    const principal = statement.Principal;
    return isObject(principal) ? Object.values(principal).flatMap(listOf) : listOf(principal);
  });
  return [...new Set(found.map(String))];
}

export interface Position {
  Line?: number | undefined;
  Column?: number | undefined;
}

/** The part of a document between two positions, as the simulator tells them: lines and columns begin at 1. */
export function between(text: string, start: Position | undefined, end: Position | undefined): string {
  const lines = text.split("\n");
  const offset = ({ Line = 1, Column = 1 }: Position) =>
    lines.slice(0, Line - 1).reduce((sum, line) => sum + line.length + 1, 0) + Column - 1;
  return start && end ? pretty(text.slice(offset(start), offset(end))).text : "";
}
