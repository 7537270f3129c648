import { EC2Client } from "@aws-sdk/client-ec2";
import { aws } from "../../aws/client";

export const ec2 = () => aws(EC2Client);
