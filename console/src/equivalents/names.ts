/** `clientName` of the SDK for JavaScript → the AWS CLI's command and boto3's client; both `lower` where not listed. */
const NAMES: Record<string, { cli: string; boto3: string }> = {
  ApplicationAutoScaling: { cli: "application-autoscaling", boto3: "application-autoscaling" },
  APIGateway: { cli: "apigateway", boto3: "apigateway" },
  CloudWatchLogs: { cli: "logs", boto3: "logs" },
  S3: { cli: "s3api", boto3: "s3" },
  SageMakerRuntime: { cli: "sagemaker-runtime", boto3: "sagemaker-runtime" },
};

export const namesOf = (client: string) =>
  NAMES[client] ?? { cli: client.toLowerCase(), boto3: client.toLowerCase() };

/**
 * `ListObjectsV2` → `list_objects_v2`, `DescribeVPCs` → `describe_vpcs`: the rules of botocore's `xform_name`, by which
 * the AWS CLI and boto3 name operations and options.
 */
export function snake(name: string): string {
  return name
    .replace(/[A-Z]{2,}s$/, (plural) => `_${plural.toLowerCase()}`)
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

export const kebab = (name: string) => snake(name).replaceAll("_", "-");
