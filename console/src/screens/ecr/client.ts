import { ECRClient } from "@aws-sdk/client-ecr";
import { aws } from "../../aws/client";

export const ecr = () => aws(ECRClient);
