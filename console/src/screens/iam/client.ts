import { IAMClient } from "@aws-sdk/client-iam";
import { aws } from "../../aws/client";

export const iam = () => aws(IAMClient);
