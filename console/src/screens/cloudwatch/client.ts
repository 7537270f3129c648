import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { aws } from "../../aws/client";

export const cloudwatch = () => aws(CloudWatchClient);
