import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { aws } from "../../aws/client";

export const cloudformation = () => aws(CloudFormationClient);
