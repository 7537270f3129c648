import { to } from "../../../app/links";

// What CloudFormation calls a resource (its `Ref`) is a name or an ARN; pages are found by the last part of either.
const PAGES: Record<string, readonly string[]> = {
  "AWS::S3::Bucket": ["s3", "buckets"],
  "AWS::IAM::Role": ["iam", "roles"],
  "AWS::IAM::User": ["iam", "users"],
  "AWS::IAM::Group": ["iam", "groups"],
  "AWS::Lambda::Function": ["lambda", "functions"],
  "AWS::ApiGateway::RestApi": ["apigateway", "apis"],
  "AWS::ApiGateway::UsagePlan": ["apigateway", "usage-plans"],
  "AWS::SageMaker::Model": ["sagemaker", "models"],
  "AWS::SageMaker::EndpointConfig": ["sagemaker", "endpoint-configurations"],
  "AWS::SageMaker::Endpoint": ["sagemaker", "endpoints"],
  "AWS::SageMaker::ModelPackageGroup": ["sagemaker", "model-groups"],
  "AWS::SageMaker::Pipeline": ["sagemaker", "pipelines"],
  "AWS::CloudWatch::Alarm": ["cloudwatch", "alarms"],
  "AWS::CloudWatch::Dashboard": ["cloudwatch", "dashboards"],
  "AWS::EC2::Instance": ["ec2", "instances"],
  "AWS::EC2::SecurityGroup": ["ec2", "security-groups"],
};
// These are paths by themselves, or are found by the whole ARN.
const WHOLE: Record<string, readonly string[]> = {
  "AWS::Logs::LogGroup": ["cloudwatch", "log-groups"],
  "AWS::IAM::ManagedPolicy": ["iam", "policies"],
  "AWS::ECR::Repository": ["ecr", "repositories"],
};

/** Where the console shows a resource of a stack; nothing where it has no page for one. */
export function placeOf(type: string | undefined, physicalId: string | undefined): string | undefined {
  if (!type || !physicalId) return undefined;
  if (type === "AWS::CloudFormation::Stack") return to("cloudformation", "stacks", nameIn(physicalId));
  const whole = WHOLE[type];
  if (whole) return to(...whole, physicalId);
  const page = PAGES[type];
  return page && to(...page, physicalId.split("/").at(-1) ?? physicalId);
}

/** `arn:…:stack/NAME/UUID` → `NAME`; a name is itself. */
export const nameIn = (stackId: string): string => stackId.split("/")[1] ?? stackId;
