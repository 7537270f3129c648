import type { Integration, PatchOperation } from "@aws-sdk/client-api-gateway";
import { mapPatches, valuePatches } from "../../patches";

/** Who answers a method. */
export const KINDS: Record<string, string> = {
  AWS_PROXY: "A Lambda function has the whole request",
  AWS: "A function or another AWS service, by mapping templates",
  HTTP_PROXY: "An HTTP address has the whole request",
  HTTP: "An HTTP address, by mapping templates",
  MOCK: "Nobody: a fixed answer",
};

/** An integration as a form has it: what is not set is empty. */
export interface Wish {
  type: string;
  uri: string;
  httpMethod: string;
  credentials: string;
  passthroughBehavior: string;
  contentHandling: string;
  timeoutInMillis: string;
  requestParameters: Record<string, string>;
  requestTemplates: Record<string, string>;
}

export const wishOf = (integration: Integration | undefined): Wish => ({
  type: integration?.type ?? "AWS_PROXY",
  uri: integration?.uri ?? "",
  httpMethod: integration?.httpMethod ?? "POST",
  credentials: integration?.credentials ?? "",
  passthroughBehavior: integration?.passthroughBehavior ?? "WHEN_NO_MATCH",
  contentHandling: integration?.contentHandling ?? "",
  timeoutInMillis: String(integration?.timeoutInMillis ?? 29_000),
  requestParameters: integration?.requestParameters ?? {},
  requestTemplates: integration?.requestTemplates ?? {},
});

const members = (wish: Wish) => ({
  "/type": wish.type,
  "/passthroughBehavior": wish.passthroughBehavior,
  "/contentHandling": wish.contentHandling,
  "/timeoutInMillis": wish.timeoutInMillis,
  // A mock asks nobody.
  ...(wish.type === "MOCK"
    ? {}
    : { "/uri": wish.uri, "/httpMethod": wish.httpMethod, "/credentials": wish.credentials }),
});

/** Whether one can be changed into the other in place: nothing stands at the other end of a mock. */
export const isPatched = (before: Integration | undefined, wish: Wish): boolean =>
  before !== undefined && (before.type === wish.type || (before.type !== "MOCK" && wish.type !== "MOCK"));

/** What UpdateIntegration is told. */
export function integrationPatches(before: Integration, wish: Wish): PatchOperation[] {
  const old = wishOf(before);
  return [
    ...valuePatches(members({ ...old, httpMethod: before.httpMethod ?? "" }), members(wish)),
    ...mapPatches("/requestParameters", old.requestParameters, wish.requestParameters),
    ...mapPatches("/requestTemplates", old.requestTemplates, wish.requestTemplates),
  ];
}

/** What PutIntegration is told. */
export const integrationOf = (wish: Wish) => ({
  type: wish.type as never,
  passthroughBehavior: wish.passthroughBehavior,
  timeoutInMillis: Number(wish.timeoutInMillis),
  requestParameters: wish.requestParameters,
  requestTemplates: wish.requestTemplates,
  ...(wish.contentHandling ? { contentHandling: wish.contentHandling as never } : {}),
  ...(wish.type === "MOCK"
    ? {}
    : {
        uri: wish.uri,
        integrationHttpMethod: wish.httpMethod,
        ...(wish.credentials ? { credentials: wish.credentials } : {}),
      }),
});

/** `arn:…:function:classify` of the URI of an integration or an authorizer. */
export const functionArnIn = (uri: string | undefined): string =>
  /functions\/(.+)\/invocations$/.exec(uri ?? "")?.[1] ?? "";
