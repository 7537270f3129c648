import { AddPermissionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { aws } from "../../aws/client";

/** Lets an API call a function, from one of its methods or authorizers: without it the API answers 500. */
export const letCall = (FunctionName: string, SourceArn: string): Promise<unknown> =>
  aws(LambdaClient).send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: crypto.randomUUID(),
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn,
    }),
  );
