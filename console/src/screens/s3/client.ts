import { S3Client } from "@aws-sdk/client-s3";
import { aws } from "../../aws/client";

export const s3 = () => aws(S3Client);
