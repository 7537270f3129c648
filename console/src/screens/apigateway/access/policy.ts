import { pretty } from "../../../blocks/formats/pretty";

/** An API's own policy, for people: GetRestApi escapes it once more than JSON needs. */
export function readablePolicy(policy: string | undefined): string {
  if (!policy) return "";
  const whole = policy.trimStart().startsWith("{\\") ? unescaped(policy) : policy;
  return pretty(whole).text;
}

function unescaped(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

/** Everybody, and whoever comes from elsewhere not: what people most often begin with. */
export const EXAMPLE = JSON.stringify(
  {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" },
      {
        Effect: "Deny",
        Principal: "*",
        Action: "execute-api:Invoke",
        Resource: "execute-api:/*",
        Condition: { NotIpAddress: { "aws:SourceIp": ["127.0.0.0/8", "10.0.0.0/8"] } },
      },
    ],
  },
  null,
  2,
);
