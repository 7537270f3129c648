/** The partition of an ARN: `aws`, `aws-cn`. */
const partitionOf = (region: string) =>
  region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";

/** The URI of an integration that invokes a function. */
export const invocationsOf = (region: string, functionArn: string): string =>
  `arn:${partitionOf(region)}:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;

/** Requests that may call a function: of any stage, of one method; what is open in the path is a star. */
export function sourceArn(region: string, account: string, api: string, verb: string, path: string): string {
  const method = verb === "ANY" ? "*" : verb;
  const place = path.replace(/\{[^}]+\}/g, "*");
  return `arn:${partitionOf(region)}:execute-api:${region}:${account}:${api}/*/${method}${place}`;
}

/** Requests of an API's authorizer, which may call a function. */
export const authorizerArn = (region: string, account: string, api: string, authorizer: string): string =>
  `arn:${partitionOf(region)}:execute-api:${region}:${account}:${api}/authorizers/${authorizer}`;
