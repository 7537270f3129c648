import {
  type APIGatewayClient,
  GetMethodCommand,
  PutGatewayResponseCommand,
  PutIntegrationCommand,
  PutIntegrationResponseCommand,
  PutMethodCommand,
  PutMethodResponseCommand,
  UpdateIntegrationResponseCommand,
  UpdateMethodResponseCommand,
} from "@aws-sdk/client-api-gateway";
import { mapPatches } from "../patches";
import { allowed, declared, type Permission, preflight } from "./cors";

interface Place {
  restApiId: string;
  resourceId: string;
}

/** Makes OPTIONS answer browsers that ask before they call: a mock, which asks nobody. */
export async function answerPreflights(client: APIGatewayClient, place: Place, permission: Permission) {
  const of = { ...place, httpMethod: "OPTIONS" };
  const responseParameters = preflight(permission);
  await client.send(new PutMethodCommand({ ...of, authorizationType: "NONE" }));
  const requestTemplates = { "application/json": '{"statusCode": 200}' };
  await client.send(new PutIntegrationCommand({ ...of, type: "MOCK", requestTemplates }));
  const answer = { ...of, statusCode: "200" };
  await client.send(
    new PutMethodResponseCommand({ ...answer, responseParameters: declared(responseParameters) }),
  );
  await client.send(new PutIntegrationResponseCommand({ ...answer, responseParameters }));
}

/** Adds the header to all answers of a method that the API writes. */
export async function addHeader(client: APIGatewayClient, place: Place, verb: string, origin: string) {
  const of = { ...place, httpMethod: verb };
  const method = await client.send(new GetMethodCommand(of));
  for (const [statusCode, answer] of Object.entries(method.methodIntegration?.integrationResponses ?? {})) {
    const told = method.methodResponses?.[statusCode]?.responseParameters ?? {};
    const [name = ""] = Object.keys(allowed(origin));
    if (!(name in told))
      await client.send(
        new UpdateMethodResponseCommand({
          ...of,
          statusCode,
          patchOperations: mapPatches("/responseParameters", {}, { [name]: "false" }),
        }),
      );
    const before = answer.responseParameters ?? {};
    const patchOperations = mapPatches("/responseParameters", before, { ...before, ...allowed(origin) });
    if (patchOperations.length > 0)
      await client.send(new UpdateIntegrationResponseCommand({ ...of, statusCode, patchOperations }));
  }
}

/** Lets a page read why the API itself refused it. */
export async function allowFailures(client: APIGatewayClient, restApiId: string, origin: string) {
  for (const responseType of ["DEFAULT_4XX", "DEFAULT_5XX"] as const)
    await client.send(
      new PutGatewayResponseCommand({
        restApiId,
        responseType,
        responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": `'${origin}'` },
        responseTemplates: { "application/json": '{"message":$context.error.messageString}' },
      }),
    );
}
