import { LambdaClient } from "@aws-sdk/client-lambda";
import { aws } from "../../aws/client";

export const lambda = () => aws(LambdaClient);
