"""Tags of a stack through boto3 alone: on every resource, changed with it; those of AWS's own left alone."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.cloudformation.stacks import create, ended, failures, physical

TEMPLATE = """
Resources:
  Bucket: {Type: "AWS::S3::Bucket", Properties: {Tags: [{Key: own, Value: "1"}, {Key: team, Value: cats}]}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:List*", Resource: "*"}]}
  Profile: {Type: "AWS::IAM::InstanceProfile", Properties: {Roles: [!Ref Role]}}
  Function:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Role.Arn, Runtime: python3.11, Handler: index.h, Code: {ZipFile: "h = print"}}
  Api: {Type: "AWS::ApiGateway::RestApi", Properties: {Name: tagged}}
  ApiKey: {Type: "AWS::ApiGateway::ApiKey"}
  Plan: {Type: "AWS::ApiGateway::UsagePlan"}
  Group: {Type: "AWS::Logs::LogGroup"}
  Parameter: {Type: "AWS::SSM::Parameter", Properties: {Type: String, Value: x, Tags: {own: "1"}}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {AWS: !Ref "AWS::AccountId"}, Action: "kms:*", Resource: "*"}]
  Images: {Type: "AWS::ECR::Repository"}
  Security: {Type: "AWS::EC2::SecurityGroup", Properties: {GroupDescription: tagged}}
  Packages: {Type: "AWS::SageMaker::ModelPackageGroup", Properties: {ModelPackageGroupName: NAME}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties: {Namespace: n, MetricName: m, Statistic: Sum, Period: 60, EvaluationPeriods: 1, Threshold: 1,
                 ComparisonOperator: GreaterThanThreshold}
"""
ARN = "arn:aws:{}:us-east-1:123456789012:{}"


def readers(client: Any, ids: dict[str, str]) -> dict[str, Any]:
    """Return what reads the tags of each resource: by each service's own operation."""
    iam, gateway = client("iam"), client("apigateway")
    return {
        "Bucket": lambda: client("s3").get_bucket_tagging(Bucket=ids["Bucket"])["TagSet"],
        "Role": lambda: iam.list_role_tags(RoleName=ids["Role"])["Tags"],
        "Policy": lambda: iam.list_policy_tags(PolicyArn=ids["Policy"])["Tags"],
        "Profile": lambda: iam.list_instance_profile_tags(InstanceProfileName=ids["Profile"])["Tags"],
        "Function": lambda: client("lambda").list_tags(
            Resource=ARN.format("lambda", f"function:{ids['Function']}")
        )["Tags"],
        "Api": lambda: gateway.get_rest_api(restApiId=ids["Api"])["tags"],
        "ApiKey": lambda: gateway.get_api_key(apiKey=ids["ApiKey"])["tags"],
        "Plan": lambda: gateway.get_usage_plan(usagePlanId=ids["Plan"])["tags"],
        "Group": lambda: client("logs").list_tags_log_group(logGroupName=ids["Group"])["tags"],
        "Parameter": lambda: client("ssm").list_tags_for_resource(
            ResourceType="Parameter", ResourceId=ids["Parameter"]
        )["TagList"],
        "Key": lambda: [
            {"Key": tag["TagKey"], "Value": tag["TagValue"]}
            for tag in client("kms").list_resource_tags(KeyId=ids["Key"])["Tags"]
        ],
        "Images": lambda: client("ecr").list_tags_for_resource(
            resourceArn=ARN.format("ecr", f"repository/{ids['Images']}")
        )["tags"],
        "Security": lambda: client("ec2").describe_security_groups(GroupIds=[ids["Security"]])[
            "SecurityGroups"
        ][0]["Tags"],
        "Packages": lambda: client("sagemaker").list_tags(ResourceArn=ids["Packages"])["Tags"],
        "Alarm": lambda: client("cloudwatch").list_tags_for_resource(
            ResourceARN=ARN.format("cloudwatch", f"alarm:{ids['Alarm']}")
        )["Tags"],
    }


def test_tags_of_a_stack_are_on_all_its_resources(client: Any) -> None:
    cloudformation = client("cloudformation")
    template = TEMPLATE.replace("NAME", "tagged")
    tags = [{"Key": "team", "Value": "dogs"}, {"Key": "stage", "Value": "test"}]
    stack = create(cloudformation, template, Tags=tags)
    told = ended(cloudformation, stack)
    assert told["StackStatus"] == "CREATE_COMPLETE", failures(cloudformation, stack)
    ids = physical(cloudformation, stack)
    read = readers(client, ids)

    def seen(name: str) -> dict[str, str]:
        found = read[name]()
        return dict(found) if isinstance(found, dict) else {tag["Key"]: tag["Value"] for tag in found}

    for name in ("Policy", "Profile"):  # no tags in AWS's schemas of their types
        assert seen(name) == {} and ids.pop(name)
    own = {"Bucket": {"own": "1", "team": "cats"}, "Parameter": {"own": "1"}}
    for name in ids:
        system = {
            "aws:cloudformation:stack-name": told["StackName"],
            "aws:cloudformation:stack-id": stack,
            "aws:cloudformation:logical-id": name,
        }
        assert seen(name) == {"team": "dogs", "stage": "test", **own.get(name, {}), **system}, name
    changed = [{"Key": "team", "Value": "birds"}]
    cloudformation.update_stack(
        StackName=stack, UsePreviousTemplate=True, Tags=changed, Capabilities=["CAPABILITY_IAM"]
    )
    assert ended(cloudformation, stack)["StackStatus"] == "UPDATE_COMPLETE"
    assert physical(cloudformation, stack).items() >= ids.items()
    for name in ids:
        user = {key: value for key, value in seen(name).items() if not key.startswith("aws:")}
        assert user == {"team": "birds", **own.get(name, {})}, name
        assert sum(key.startswith("aws:cloudformation:") for key in seen(name)) == 3, name

    system_key, arn = "aws:cloudformation:stack-id", ARN.format("lambda", f"function:{ids['Function']}")
    for call in (
        lambda: client("s3").put_bucket_tagging(Bucket=ids["Bucket"], Tagging={"TagSet": changed}),
        lambda: client("iam").untag_role(RoleName=ids["Role"], TagKeys=[system_key]),
        lambda: client("lambda").untag_resource(Resource=arn, TagKeys=[system_key]),
        lambda: client("lambda").tag_resource(Resource=arn, Tags={system_key: "mine"}),
        lambda: client("sagemaker").delete_tags(ResourceArn=ids["Packages"], TagKeys=[system_key]),
        lambda: client("kms").untag_resource(KeyId=ids["Key"], TagKeys=[system_key]),
        lambda: client("ec2").delete_tags(Resources=[ids["Security"]], Tags=[{"Key": system_key}]),
    ):
        with pytest.raises(ClientError):
            call()
    s3 = client("s3")
    kept = [*s3.get_bucket_tagging(Bucket=ids["Bucket"])["TagSet"], {"Key": "more", "Value": "2"}]
    s3.put_bucket_tagging(Bucket=ids["Bucket"], Tagging={"TagSet": kept})
    s3.delete_bucket_tagging(Bucket=ids["Bucket"])
    assert len(seen("Bucket")) == 3
    cloudformation.delete_stack(StackName=stack)
    assert ended(cloudformation, stack)["StackStatus"] == "DELETE_COMPLETE"
