import { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import { aws } from "../../aws/client";

export const gateway = () => aws(APIGatewayClient);
