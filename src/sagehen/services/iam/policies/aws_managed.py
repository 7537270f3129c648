"""AWS-managed policies: `arn:aws:iam::aws:policy/...`, in the scope that our services give them meaning.

Each grants what AWS's own of that name grants, as far as it speaks of services that exist here;
actions are spelled as AWS spells them, so that what works here works there.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

_PREFIX = "arn:aws:iam::aws:policy"


@dataclass(frozen=True)
class AwsManagedPolicy:
    """One policy of AWS's. `created_at` is the date of AWS's own, to the day."""

    name: str
    path: str
    description: str
    created_at: datetime
    statements: tuple[dict[str, Any], ...]

    @property
    def arn(self) -> str:
        return f"{_PREFIX}{self.path}{self.name}"

    @cached_property
    def document(self) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": list(self.statements)}, indent=4)

    @cached_property
    def policy_id(self) -> str:
        """A stable id: it must not change from start to start."""
        digest = sha256(self.arn.encode()).hexdigest().upper()
        return "ANPA" + digest.translate(str.maketrans("0189", "GHIJ"))[:16]


def _allow(actions: str, resource: str | list[str] = "*", **condition: Any) -> dict[str, Any]:
    """Make an Allow statement of space-separated actions."""
    names = actions.split()
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Action": names if len(names) > 1 else names[0],
        "Resource": resource,
    }
    return statement | ({"Condition": condition} if condition else {})


def _pass_role(service: str, resource: str = "arn:aws:iam::*:role/*") -> dict[str, Any]:
    return _allow("iam:PassRole", resource, StringEquals={"iam:PassedToService": service})


def _linked_role(service: str, resource: str) -> dict[str, Any]:
    return _allow("iam:CreateServiceLinkedRole", resource, StringLike={"iam:AWSServiceName": service})


_LAMBDA_LOGS = "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"

_SAGEMAKER_FULL_ACCESS = (
    {
        "Sid": "AllowAllNonAdminSageMakerActions",
        "Effect": "Allow",
        "Action": ["sagemaker:*", "sagemaker-geospatial:*"],
        "NotResource": [
            "arn:aws:sagemaker:*:*:domain/*",
            "arn:aws:sagemaker:*:*:user-profile/*",
            "arn:aws:sagemaker:*:*:app/*",
            "arn:aws:sagemaker:*:*:space/*",
            "arn:aws:sagemaker:*:*:flow-definition/*",
        ],
    },
    _allow(
        "application-autoscaling:DeleteScalingPolicy application-autoscaling:DeleteScheduledAction"
        " application-autoscaling:DeregisterScalableTarget application-autoscaling:DescribeScalableTargets"
        " application-autoscaling:DescribeScalingActivities application-autoscaling:DescribeScalingPolicies"
        " application-autoscaling:DescribeScheduledActions application-autoscaling:PutScalingPolicy"
        " application-autoscaling:PutScheduledAction application-autoscaling:RegisterScalableTarget"
        " cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:GetMetricData"
        " cloudwatch:GetMetricStatistics cloudwatch:ListMetrics cloudwatch:PutMetricAlarm"
        " cloudwatch:PutMetricData"
        " ec2:CreateNetworkInterface ec2:CreateNetworkInterfacePermission ec2:CreateVpcEndpoint"
        " ec2:DeleteNetworkInterface ec2:DeleteNetworkInterfacePermission ec2:DescribeDhcpOptions"
        " ec2:DescribeNetworkInterfaces ec2:DescribeRouteTables ec2:DescribeSecurityGroups"
        " ec2:DescribeSubnets ec2:DescribeVpcEndpoints ec2:DescribeVpcs"
        " ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:CreateRepository ecr:Describe*"
        " ecr:GetAuthorizationToken ecr:GetDownloadUrlForLayer ecr:StartImageScan"
        " iam:ListRoles kms:DescribeKey kms:ListAliases lambda:ListFunctions"
        " logs:CreateLogDelivery logs:CreateLogGroup logs:CreateLogStream logs:DeleteLogDelivery"
        " logs:Describe* logs:GetLogDelivery logs:GetLogEvents logs:ListLogDeliveries logs:PutLogEvents"
        " logs:PutResourcePolicy logs:UpdateLogDelivery sns:ListTopics tag:GetResources"
    ),
    _allow(
        "s3:GetObject s3:PutObject s3:DeleteObject s3:AbortMultipartUpload",
        [
            "arn:aws:s3:::*SageMaker*",
            "arn:aws:s3:::*Sagemaker*",
            "arn:aws:s3:::*sagemaker*",
            "arn:aws:s3:::*aws-glue*",
        ],
    ),
    _allow(
        "s3:GetObject",
        "arn:aws:s3:::*",
        StringEqualsIgnoreCase={"s3:ExistingObjectTag/SageMaker": "true"},
    ),
    _allow(
        "s3:CreateBucket s3:GetBucketLocation s3:ListBucket s3:ListAllMyBuckets s3:GetBucketCors"
        " s3:PutBucketCors"
    ),
    _allow(
        "s3:GetBucketAcl s3:PutObjectAcl",
        ["arn:aws:s3:::*SageMaker*", "arn:aws:s3:::*Sagemaker*", "arn:aws:s3:::*sagemaker*"],
    ),
    _allow(
        "lambda:InvokeFunction",
        [
            "arn:aws:lambda:*:*:function:*SageMaker*",
            "arn:aws:lambda:*:*:function:*sagemaker*",
            "arn:aws:lambda:*:*:function:*Sagemaker*",
            "arn:aws:lambda:*:*:function:*LabelingFunction*",
        ],
    ),
    _linked_role(
        "sagemaker.application-autoscaling.amazonaws.com",
        "arn:aws:iam::*:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
    ),
    _allow(
        "iam:PassRole",
        "arn:aws:iam::*:role/*AmazonSageMaker*",
        StringEquals={
            "iam:PassedToService": [
                "glue.amazonaws.com",
                "robomaker.amazonaws.com",
                "states.amazonaws.com",
            ]
        },
    ),
    _pass_role("sagemaker.amazonaws.com"),
)

_LAMBDA_FULL_ACCESS = (
    _allow(
        "cloudformation:DescribeStacks cloudformation:ListStackResources cloudwatch:ListMetrics"
        " cloudwatch:GetMetricData ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs"
        " kms:ListAliases iam:GetPolicy iam:GetPolicyVersion iam:GetRole iam:GetRolePolicy"
        " iam:ListAttachedRolePolicies iam:ListRolePolicies iam:ListRoles lambda:*"
        " logs:DescribeLogGroups states:DescribeStateMachine states:ListStateMachines"
        " tag:GetResources xray:GetTraceSummaries xray:BatchGetTraces"
    ),
    _pass_role("lambda.amazonaws.com", "*"),
    _allow(
        "logs:DescribeLogStreams logs:GetLogEvents logs:FilterLogEvents logs:StartLiveTail logs:StopLiveTail",
        "arn:aws:logs:*:*:log-group:/aws/lambda/*",
    ),
)

_EC2_FULL_ACCESS = (
    _allow("ec2:*"),
    _allow("elasticloadbalancing:*"),
    _allow("cloudwatch:*"),
    _allow("autoscaling:*"),
    _allow(
        "iam:CreateServiceLinkedRole",
        StringEquals={
            "iam:AWSServiceName": [
                "autoscaling.amazonaws.com",
                "ec2scheduled.amazonaws.com",
                "elasticloadbalancing.amazonaws.com",
                "spot.amazonaws.com",
                "spotfleet.amazonaws.com",
                "transitgateway.amazonaws.com",
            ]
        },
    ),
)

_POWER_USER_ACCESS = (
    {
        "Effect": "Allow",
        "NotAction": ["iam:*", "organizations:*", "account:*"],
        "Resource": "*",
    },
    _allow(
        "account:GetAccountInformation account:GetPrimaryEmail account:ListRegions"
        " iam:CreateServiceLinkedRole iam:DeleteServiceLinkedRole iam:ListRoles"
        " organizations:DescribeOrganization"
    ),
)

# AWS's own names every read of every service; these are the ones that exist here.
_READ_ONLY_ACCESS = (
    _allow(
        "apigateway:GET application-autoscaling:Describe* application-autoscaling:ListTagsForResource"
        " autoscaling:Describe* cloudformation:Describe* cloudformation:Detect* cloudformation:Estimate*"
        " cloudformation:Get* cloudformation:List* cloudformation:ValidateTemplate"
        " cloudwatch:Describe* cloudwatch:Get* cloudwatch:List*"
        " ec2:Describe* ec2:Get* ec2:Search* ecr:BatchCheck* ecr:BatchGet* ecr:Describe* ecr:Get* ecr:List*"
        " iam:Generate* iam:Get* iam:List* iam:Simulate* kms:Describe* kms:Get* kms:List*"
        " lambda:Get* lambda:List*"
        " logs:Describe* logs:FilterLogEvents logs:Get* logs:ListTagsForResource logs:ListTagsLogGroup"
        " logs:StartLiveTail logs:StartQuery logs:StopLiveTail logs:StopQuery logs:TestMetricFilter"
        " s3:DescribeJob s3:Get* s3:List* sagemaker:Describe* sagemaker:GetSearchSuggestions"
        " sagemaker:List* sagemaker:Search ssm:Describe* ssm:Get* ssm:List*"
        " sts:GetAccessKeyInfo sts:GetCallerIdentity sts:GetSessionToken tag:Get*"
    ),
)

_EC2_READ_ONLY = (
    _allow("ec2:Describe* ec2:GetSecurityGroupsForVpc"),
    _allow("elasticloadbalancing:Describe*"),
    _allow("cloudwatch:ListMetrics cloudwatch:GetMetricStatistics cloudwatch:Describe*"),
    _allow("autoscaling:Describe*"),
)

_CLOUDWATCH_FULL = (
    _allow(
        "autoscaling:Describe* cloudwatch:* logs:* sns:* iam:GetPolicy iam:GetPolicyVersion"
        " iam:GetRole oam:ListSinks"
    ),
    _linked_role(
        "events.amazonaws.com",
        "arn:aws:iam::*:role/aws-service-role/events.amazonaws.com/AWSServiceRoleForCloudWatchEvents*",
    ),
)

_API_GATEWAY_LOGS = (
    _allow(
        "logs:CreateLogGroup logs:CreateLogStream logs:DescribeLogGroups logs:DescribeLogStreams"
        " logs:PutLogEvents logs:GetLogEvents logs:FilterLogEvents"
    ),
)

_TABLE: tuple[tuple[str, str, str, str, tuple[dict[str, Any], ...]], ...] = (
    ("/", "AdministratorAccess", "2015-02-06", "Provides full access to AWS services and resources.",
     (_allow("*"),)),
    ("/", "PowerUserAccess", "2015-02-06",
     "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
     _POWER_USER_ACCESS),
    ("/", "ReadOnlyAccess", "2015-02-06", "Provides read-only access to AWS services and resources.",
     _READ_ONLY_ACCESS),
    ("/", "IAMFullAccess", "2015-02-06", "Provides full access to IAM via the AWS Management Console.",
     (_allow("iam:* organizations:DescribeAccount organizations:DescribeOrganization"
             " organizations:ListAccounts organizations:ListRoots"),)),
    ("/", "IAMReadOnlyAccess", "2015-02-06", "Provides read only access to IAM.",
     (_allow("iam:GenerateCredentialReport iam:GenerateServiceLastAccessedDetails iam:Get* iam:List*"
             " iam:SimulateCustomPolicy iam:SimulatePrincipalPolicy"),)),
    ("/", "AmazonS3FullAccess", "2015-02-06", "Provides full access to all buckets.",
     (_allow("s3:* s3-object-lambda:*"),)),
    ("/", "AmazonS3ReadOnlyAccess", "2015-02-06", "Provides read only access to all buckets.",
     (_allow("s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*"),)),
    ("/", "AmazonSageMakerFullAccess", "2017-11-29", "Provides full access to Amazon SageMaker AI.",
     _SAGEMAKER_FULL_ACCESS),
    ("/", "AmazonSageMakerReadOnly", "2017-11-29", "Provides read only access to Amazon SageMaker AI.",
     (_allow("sagemaker:BatchGetMetrics sagemaker:Describe* sagemaker:GetSearchSuggestions"
             " sagemaker:List* sagemaker:Search application-autoscaling:DescribeScalableTargets"
             " application-autoscaling:DescribeScalingActivities"
             " application-autoscaling:DescribeScalingPolicies"
             " application-autoscaling:DescribeScheduledActions cloudwatch:DescribeAlarms"
             " ecr:Describe*"),)),
    ("/", "AWSLambda_FullAccess", "2020-11-17", "Grants full access to AWS Lambda service.",
     _LAMBDA_FULL_ACCESS),
    ("/", "AWSLambda_ReadOnlyAccess", "2020-11-17", "Grants read-only access to AWS Lambda service.",
     (_allow("cloudwatch:GetMetricData cloudwatch:ListMetrics iam:GetPolicy iam:GetPolicyVersion"
             " iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies"
             " iam:ListRoles logs:DescribeLogGroups lambda:Get* lambda:List*"),)),
    ("/", "AWSLambdaExecute", "2015-02-06",
     "Provides Put, Get access to S3 and full access to CloudWatch Logs.",
     (_allow("logs:*", "arn:aws:logs:*:*:*"), _allow("s3:GetObject s3:PutObject", "arn:aws:s3:::*"))),
    ("/service-role/", "AWSLambdaBasicExecutionRole", "2015-04-09",
     "Provides write permissions to CloudWatch Logs.", (_allow(_LAMBDA_LOGS),)),
    ("/service-role/", "AWSLambdaVPCAccessExecutionRole", "2016-02-11",
     "Provides minimum permissions for a Lambda function to execute while accessing a resource within a VPC",
     (_allow(f"{_LAMBDA_LOGS} ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets"
             " ec2:DeleteNetworkInterface ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses"),)),
    ("/", "AWSKeyManagementServicePowerUser", "2015-02-06",
     "Provides access to AWS Key Management Service (KMS).",
     (_allow("kms:CreateAlias kms:CreateKey kms:DeleteAlias kms:Describe* kms:GenerateRandom kms:Get*"
             " kms:List* kms:TagResource kms:UntagResource iam:ListGroups iam:ListRoles iam:ListUsers"),)),
    ("/service-role/", "AWSLambdaRole", "2015-02-06", "Default policy for AWS Lambda service role.",
     (_allow("lambda:InvokeFunction"),)),
    ("/", "CloudWatchFullAccess", "2015-02-06", "Provides full access to CloudWatch.", _CLOUDWATCH_FULL),
    ("/", "CloudWatchFullAccessV2", "2023-08-01", "Provides full access to CloudWatch.",
     (*_CLOUDWATCH_FULL, _allow("application-autoscaling:DescribeScalingPolicies"))),
    ("/", "CloudWatchReadOnlyAccess", "2015-02-06", "Provides read only access to CloudWatch.",
     (_allow("autoscaling:Describe* cloudwatch:BatchGet* cloudwatch:Describe* cloudwatch:Get*"
             " cloudwatch:List* logs:Get* logs:List* logs:StartQuery logs:StopQuery logs:Describe*"
             " logs:TestMetricFilter logs:FilterLogEvents logs:StartLiveTail logs:StopLiveTail"),)),
    ("/", "CloudWatchLogsFullAccess", "2015-02-06", "Provides full access to CloudWatch Logs",
     (_allow("logs:* cloudwatch:GenerateQuery"),)),
    ("/", "CloudWatchLogsReadOnlyAccess", "2015-02-06", "Provides read only access to CloudWatch Logs",
     (_allow("logs:Describe* logs:Get* logs:List* logs:StartQuery logs:StopQuery logs:TestMetricFilter"
             " logs:FilterLogEvents logs:StartLiveTail logs:StopLiveTail"),)),
    ("/", "AmazonEC2FullAccess", "2015-02-06", "Provides full access to Amazon EC2.", _EC2_FULL_ACCESS),
    ("/", "AmazonEC2ReadOnlyAccess", "2015-02-06", "Provides read only access to Amazon EC2.",
     _EC2_READ_ONLY),
    ("/", "AmazonEC2ContainerRegistryReadOnly", "2015-12-21",
     "Provides read-only access to Amazon EC2 Container Registry repositories.",
     (_allow("ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer"
             " ecr:GetRepositoryPolicy ecr:DescribeRepositories ecr:ListImages ecr:DescribeImages"
             " ecr:BatchGetImage ecr:GetLifecyclePolicy ecr:ListTagsForResource"),)),
    ("/", "AWSCloudFormationFullAccess", "2019-07-26", "Provides full access to AWS CloudFormation.",
     (_allow("cloudformation:*"),)),
    ("/", "AWSCloudFormationReadOnlyAccess", "2015-02-06",
     "Provides access to AWS CloudFormation via the AWS Management Console.",
     (_allow("cloudformation:Describe* cloudformation:EstimateTemplateCost cloudformation:Get*"
             " cloudformation:List* cloudformation:ValidateTemplate cloudformation:Detect*"),)),
    ("/", "AmazonAPIGatewayAdministrator", "2015-07-09",
     "Provides full access to create/edit/delete APIs in Amazon API Gateway.",
     (_allow("apigateway:*", "arn:aws:apigateway:*::/*"),)),
    ("/", "AmazonAPIGatewayInvokeFullAccess", "2015-07-09",
     "Provides full access to invoke APIs in Amazon API Gateway.",
     (_allow("execute-api:Invoke execute-api:ManageConnections", "arn:aws:execute-api:*:*:*"),)),
    ("/service-role/", "AmazonAPIGatewayPushToCloudWatchLogs", "2015-11-11",
     "Allows API Gateway to push logs to user's account.", _API_GATEWAY_LOGS),
    ("/aws-service-role/", "AWSApplicationAutoscalingSageMakerEndpointPolicy", "2018-02-06",
     "Policy granting permissions to Application Auto Scaling to access SageMaker and CloudWatch.",
     (_allow("sagemaker:DescribeEndpoint sagemaker:DescribeEndpointConfig"
             " sagemaker:DescribeInferenceComponent sagemaker:UpdateEndpointWeightsAndCapacities"
             " sagemaker:UpdateInferenceComponentRuntimeConfig cloudwatch:DescribeAlarms"
             " cloudwatch:GetMetricData"),
      _allow("cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms",
             "arn:aws:cloudwatch:*:*:alarm:TargetTracking*"))),
    ("/aws-service-role/", "AWSApplicationAutoscalingLambdaConcurrencyPolicy", "2019-10-21",
     "Policy granting permissions to Application Auto Scaling to access Lambda and CloudWatch.",
     (_allow("lambda:PutProvisionedConcurrencyConfig lambda:GetProvisionedConcurrencyConfig"
             " lambda:DeleteProvisionedConcurrencyConfig cloudwatch:PutMetricAlarm"
             " cloudwatch:DescribeAlarms cloudwatch:DeleteAlarms"),)),
)  # fmt: skip

AWS_MANAGED: dict[str, AwsManagedPolicy] = {
    policy.arn: policy
    for policy in (
        AwsManagedPolicy(name, path, description, datetime.fromisoformat(day).replace(tzinfo=UTC), statements)
        for path, name, day, description, statements in _TABLE
    )
}
