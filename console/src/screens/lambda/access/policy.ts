/** One statement of a function's resource policy: who may call it. */
export interface Statement {
  sid: string;
  who: string;
  action: string;
  /** From where alone, if so: an ARN. */
  source?: string | undefined;
  /** Conditions, the source besides, in a line. */
  conditions: string;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : String(value ?? ""));

/** Reads a policy as GetPolicy tells it; what is no policy has no statements. */
export function statementsOf(policy: string): Statement[] {
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch {
    return [];
  }
  const found = isObject(document) ? document.Statement : [];
  return (Array.isArray(found) ? found : []).filter(isObject).map((statement) => {
    const { Principal: who } = statement;
    const conditions = Object.entries(isObject(statement.Condition) ? statement.Condition : {}).flatMap(
      ([, keys]) => Object.entries(isObject(keys) ? keys : {}),
    );
    const source = conditions.find(([key]) => key.toLowerCase() === "aws:sourcearn");
    return {
      sid: textOf(statement.Sid),
      who: textOf(isObject(who) ? Object.values(who).flat() : who),
      action: textOf(statement.Action),
      source: source && textOf(source[1]),
      conditions: conditions
        .filter((one) => one !== source)
        .map(([key, value]) => `${key}: ${textOf(value)}`)
        .join(", "),
    };
  });
}

/** What triggers a function from there: an API and its path, a bucket; nothing for what has no page. */
export function triggerOf(source: string | undefined): { kind: "api" | "bucket"; name: string } | undefined {
  const [, , service, , , ...rest] = (source ?? "").split(":");
  const resource = rest.join(":");
  if (service === "execute-api") return { kind: "api", name: resource.split("/")[0] ?? "" };
  if (service === "s3") return { kind: "bucket", name: resource };
  return undefined;
}
