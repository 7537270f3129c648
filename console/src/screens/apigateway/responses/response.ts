import type { GatewayResponse, PutGatewayResponseCommandInput } from "@aws-sdk/client-api-gateway";
import type { Rows } from "../../../blocks/fields/Pairs";
import { mapOf } from "../patches";

/** When API Gateway gives each of its own answers. Source: API Gateway Developer Guide, Gateway response types. */
const WHEN: Record<string, string> = {
  ACCESS_DENIED: "a policy or an authorizer refuses",
  API_CONFIGURATION_ERROR: "the API is set up wrongly",
  AUTHORIZER_CONFIGURATION_ERROR: "the authorizer cannot be asked",
  AUTHORIZER_FAILURE: "the authorizer fails",
  BAD_REQUEST_BODY: "the body does not keep to its model",
  BAD_REQUEST_PARAMETERS: "a required parameter is missing",
  DEFAULT_4XX: "any 4XX below has none of its own",
  DEFAULT_5XX: "any 5XX below has none of its own",
  EXPIRED_TOKEN: "the credentials' time is over",
  INTEGRATION_FAILURE: "what the method asks fails",
  INTEGRATION_TIMEOUT: "what the method asks takes too long",
  INVALID_API_KEY: "the API key is missing or wrong",
  INVALID_SIGNATURE: "the signature is wrong",
  MISSING_AUTHENTICATION_TOKEN: "nothing is signed, or there is no such method",
  QUOTA_EXCEEDED: "the usage plan's quota is used up",
  REQUEST_TOO_LARGE: "the request is too large",
  RESOURCE_NOT_FOUND: "there is no such resource",
  THROTTLED: "there are too many requests",
  UNAUTHORIZED: "the authorizer has nothing to look at",
  UNSUPPORTED_MEDIA_TYPE: "the content type is not taken",
  WAF_FILTERED: "a web firewall refuses",
};

export const typeOf = (one: GatewayResponse): string => one.responseType ?? "";
export const whenOf = (one: GatewayResponse): string => WHEN[typeOf(one)] ?? "";

/** Whose words it has: its own, its family's (which the API wrote), or API Gateway's. */
export function ownerOf(one: GatewayResponse, all: readonly GatewayResponse[]): string {
  if (!one.defaultResponse) return "this API";
  const family = `DEFAULT_${one.statusCode?.[0]}XX`;
  const written = all.some((other) => typeOf(other) === family && !other.defaultResponse);
  return written && typeOf(one) !== family ? family : "API Gateway";
}

export interface Form {
  status: string;
  headers: Rows;
  templates: Rows;
}

const HEADER = "gatewayresponse.header.";

export const formOf = (one: GatewayResponse): Form => ({
  status: one.statusCode ?? "",
  headers: Object.entries(one.responseParameters ?? {}).map(([name, value]) => [
    name.startsWith(HEADER) ? name.slice(HEADER.length) : name,
    value,
  ]),
  templates: Object.entries(one.responseTemplates ?? {}),
});

export const isForm = ({ status }: Form): boolean => status.trim() === "" || /^\s*[1-5]\d\d\s*$/.test(status);

/** What PutGatewayResponse is told; a header that is named without its place is a header. */
export function inputOf(api: string, type: string, form: Form): PutGatewayResponseCommandInput {
  const headers = Object.entries(mapOf(form.headers)).map(([name, value]) => [
    name.startsWith("gatewayresponse.") ? name : HEADER + name,
    value,
  ]);
  return {
    restApiId: api,
    responseType: type as NonNullable<PutGatewayResponseCommandInput["responseType"]>,
    ...(form.status.trim() ? { statusCode: form.status.trim() } : {}),
    responseParameters: Object.fromEntries(headers),
    responseTemplates: mapOf(form.templates),
  };
}
