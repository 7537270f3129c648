import type { Method } from "@aws-sdk/client-api-gateway";

/** One of the four boxes of a method: what it is called, what it is set to, and its templates. */
export interface Box {
  title: string;
  facts: Record<string, string>;
  /** A mapping template by its content type or status. */
  templates: Record<string, string>;
  /** Whether there is anything to be set: a proxy answers as it likes. */
  isEdited: boolean;
}

/** `arn:…:function:classify/invocations` → `classify`; whatever else as it is. */
export function functionIn(uri: string | undefined): string | undefined {
  return /:function:([^:/]+)(:[^/]+)?\/invocations$/
    .exec(uri ?? "")
    ?.slice(1)
    .join("");
}

const names = (map: Record<string, unknown> | undefined) => Object.keys(map ?? {}).join(", ");
const pairs = (map: Record<string, unknown> | undefined) =>
  Object.entries(map ?? {})
    .map(([name, value]) => `${name} ← ${value}`)
    .join(", ");
/** Only what is set: a box of dashes tells nothing. */
const filled = (facts: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(facts).filter((pair): pair is [string, string] => Boolean(pair[1])));

const KINDS: Record<string, string> = {
  AWS_PROXY: "Lambda proxy: the function has the whole request, and answers it",
  AWS: "AWS service, by mapping templates",
  HTTP: "HTTP, by mapping templates",
  HTTP_PROXY: "HTTP proxy: passed on as it is",
  MOCK: "Mock: answers without asking anybody",
};

/** The four boxes, in the order in which a request and its answer pass them. */
export function boxesOf(method: Method): Box[] {
  const { methodIntegration: integration, methodResponses = {} } = method;
  const type = integration?.type ?? "";
  const proxy = type.endsWith("_PROXY");
  const answers = Object.entries(integration?.integrationResponses ?? {});
  return [
    {
      title: "Method request",
      facts: filled({
        Authorization: method.authorizationType,
        Authorizer: method.authorizationType === "CUSTOM" ? method.authorizerId : undefined,
        "API key": method.apiKeyRequired ? "required" : "not needed",
        Parameters: Object.entries(method.requestParameters ?? {})
          .map(([name, required]) => `${name.replace("method.request.", "")}${required ? " (required)" : ""}`)
          .join(", "),
        Models: pairs(method.requestModels),
        Validator: method.requestValidatorId,
      }),
      templates: {},
      isEdited: true,
    },
    {
      title: "Integration request",
      facts: filled({
        Type: KINDS[type] ?? (type || "none: calls fail until it has an integration"),
        Function: functionIn(integration?.uri),
        Address: functionIn(integration?.uri) ? undefined : integration?.uri,
        Verb: integration?.httpMethod,
        Role: integration?.credentials,
        Parameters: pairs(integration?.requestParameters),
        "Other content types": type === "MOCK" || proxy ? undefined : integration?.passthroughBehavior,
        Bodies: integration?.contentHandling,
        Timeout: integration?.timeoutInMillis ? `${integration.timeoutInMillis / 1000} s` : undefined,
      }),
      templates: integration?.requestTemplates ?? {},
      isEdited: true,
    },
    {
      title: "Integration response",
      facts: proxy
        ? { Answers: "as they come" }
        : filled(
            Object.fromEntries(
              answers.map(([status, answer]) => [
                status,
                [
                  answer.selectionPattern ? `where ${answer.selectionPattern}` : "else",
                  pairs(answer.responseParameters),
                ]
                  .filter(Boolean)
                  .join("; "),
              ]),
            ),
          ),
      templates: proxy
        ? {}
        : Object.fromEntries(
            answers.flatMap(([status, answer]) =>
              Object.entries(answer.responseTemplates ?? {}).map(([kind, text]) => [
                `${status} ${kind}`,
                text,
              ]),
            ),
          ),
      isEdited: integration !== undefined && !proxy,
    },
    {
      title: "Method response",
      facts: proxy
        ? { Answers: names(methodResponses) || "any status" }
        : filled(
            Object.fromEntries(
              Object.entries(methodResponses).map(([status, answer]) => [
                status,
                [
                  names(answer.responseParameters).replaceAll("method.response.", ""),
                  pairs(answer.responseModels),
                ]
                  .filter(Boolean)
                  .join("; ") || "no headers",
              ]),
            ),
          ),
      templates: {},
      isEdited: true,
    },
  ];
}
