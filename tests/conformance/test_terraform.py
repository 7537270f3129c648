"""What Terraform's AWS provider asks of a model behind an API: reads, twice the same; and destroy.

The calls were read in the provider's sources (internal/service); Pulumi's is made of it and makes the same.
A read that answers the code beside it is no fault: the provider takes it for "is not set".
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.sagemaker.test_endpoints import Stage
from tests.waiting import eventually

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
READS = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
)
# Of buckets: the read, and the code of what is not set.
BUCKET_READS = (
    ("head_bucket", ""), ("get_bucket_policy", "NoSuchBucketPolicy"), ("get_bucket_acl", ""),
    ("get_bucket_cors", "NoSuchCORSConfiguration"), ("get_bucket_website", "NoSuchWebsiteConfiguration"),
    ("get_bucket_versioning", ""), ("get_bucket_accelerate_configuration", ""),
    ("get_bucket_request_payment", ""), ("get_bucket_logging", ""),
    ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
    ("get_bucket_replication", "ReplicationConfigurationNotFoundError"), ("get_bucket_encryption", ""),
    ("get_object_lock_configuration", "ObjectLockConfigurationNotFoundError"), ("get_bucket_location", ""),
    ("get_bucket_tagging", "NoSuchTagSet"), ("get_public_access_block", ""),
    ("get_bucket_ownership_controls", ""), ("get_bucket_notification_configuration", ""),
)  # fmt: skip


@dataclass
class Resource:
    """One resource of a plan.

    Args:
        reads: What a refresh asks: each a call without arguments.
        destroy: What deletes it.
        gone: Codes with which the first read says that there is none; without any, an empty list says so.
    """

    reads: Mapping[str, Callable[[], Any]]
    destroy: Callable[[], Any]
    gone: tuple[str, ...]
    unset: Mapping[str, str] = field(default_factory=dict)

    def refreshed(self) -> dict[str, Any]:
        """Return what every read answers."""
        return {name: self._told(name, read) for name, read in self.reads.items()}

    def _told(self, name: str, read: Callable[[], Any]) -> Any:
        try:
            answer = read()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            assert code == self.unset.get(name), f"{name}: {code}"
            return code
        return {key: one for key, one in answer.items() if key != "ResponseMetadata"}

    def is_gone(self) -> bool:
        """Tell whether the first read says that there is none."""
        read = next(iter(self.reads.values()))
        try:
            answer = read()
        except ClientError as error:
            assert error.response["Error"]["Code"] in self.gone, error
            return True
        lists = [one for key, one in answer.items() if key != "ResponseMetadata" and isinstance(one, list)]
        return bool(lists) and not any(lists)


@pytest.fixture
def stage(client: Any) -> Iterator[Stage]:
    stage = Stage(client)
    yield stage
    stage.close()


class Apply:
    """Makes the resources, in the order of their needs, as the provider does."""

    def __init__(self, client: Any, stage: Stage) -> None:
        self.client, self.stage = client, stage
        self.name = f"tf-{uuid.uuid4().hex[:8]}"
        self.made: dict[str, Resource] = {}

    def everything(self) -> dict[str, Resource]:
        """Return the resources by their addresses."""
        self.bucket()
        self.repository()
        self.role()
        self.group()
        self.function()
        self.api()
        self.endpoint()
        return self.made

    def bucket(self) -> None:
        s3 = self.client("s3")
        s3.create_bucket(Bucket=self.name)
        s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})
        reads = {name: _bound(getattr(s3, name), Bucket=self.name) for name, _ in BUCKET_READS}
        # S3 Control's tags, which it asks for, too, are in test_control.py: with the account before the host.
        self.made["aws_s3_bucket.data"] = Resource(
            reads, lambda: s3.delete_bucket(Bucket=self.name), ("404", "NoSuchBucket"), dict(BUCKET_READS)
        )

    def repository(self) -> None:
        ecr, named = self.client("ecr"), {"repositoryName": self.name}
        arn = ecr.create_repository(**named, tags=[{"Key": "k", "Value": "v"}])["repository"]["repositoryArn"]
        rules = [
            {
                "rulePriority": 1,
                "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3},
                "action": {"type": "expire"},
            }
        ]
        ecr.put_lifecycle_policy(**named, lifecyclePolicyText=json.dumps({"rules": rules}))
        self.made["aws_ecr_repository.images"] = Resource(
            {
                "repositories": lambda: ecr.describe_repositories(repositoryNames=[self.name]),
                "tags": lambda: ecr.list_tags_for_resource(resourceArn=arn),
                "lifecycle": lambda: ecr.get_lifecycle_policy(**named),
                "policy": lambda: ecr.get_repository_policy(**named),
            },
            lambda: ecr.delete_repository(**named, force=True),
            ("RepositoryNotFoundException",),
            {"policy": "RepositoryPolicyNotFoundException"},
        )

    def role(self) -> None:
        iam, named = self.client("iam"), {"RoleName": self.name}
        self.role_arn = iam.create_role(**named, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        iam.put_role_policy(**named, PolicyName="read", PolicyDocument=READS)

        def destroy() -> None:
            for policy in iam.list_role_policies(**named)["PolicyNames"]:
                iam.delete_role_policy(**named, PolicyName=policy)
            for profile in iam.list_instance_profiles_for_role(**named)["InstanceProfiles"]:
                raise AssertionError(profile)
            iam.delete_role(**named)

        self.made["aws_iam_role.function"] = Resource(
            {
                "role": lambda: iam.get_role(**named),
                "inline": lambda: iam.list_role_policies(**named),
                "attached": lambda: iam.list_attached_role_policies(**named),
                "policy": lambda: iam.get_role_policy(**named, PolicyName="read"),
            },
            destroy,
            ("NoSuchEntity",),
        )

    def group(self) -> None:
        logs, group = self.client("logs"), f"/aws/lambda/{self.name}"
        logs.create_log_group(logGroupName=group, tags={"k": "v"})
        logs.put_retention_policy(logGroupName=group, retentionInDays=7)
        arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"
        self.made["aws_cloudwatch_log_group.function"] = Resource(
            {
                "groups": lambda: logs.describe_log_groups(logGroupNamePrefix=group),
                "tags": lambda: logs.list_tags_for_resource(resourceArn=arn),
            },
            lambda: logs.delete_log_group(logGroupName=group),
            (),
        )

    def function(self) -> None:
        functions, named = self.client("lambda"), {"FunctionName": self.name}
        made = functions.create_function(
            **named, Role=self.role_arn, Runtime="python3.11", Handler="index.handler", Publish=True,
            Code={"ZipFile": _package()},
        )  # fmt: skip
        functions.get_waiter("function_active_v2").wait(**named, WaiterConfig={"Delay": 1})
        functions.create_alias(**named, Name="live", FunctionVersion="1")
        functions.add_permission(
            **named, StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
        )
        self.function_arn = made["FunctionArn"].removesuffix(":1")
        self.made["aws_lambda_function.ask"] = Resource(
            {
                "function": lambda: functions.get_function_configuration(**named),
                "versions": lambda: functions.list_versions_by_function(**named),
                "signing": lambda: functions.get_function_code_signing_config(**named),
                "tags": lambda: functions.list_tags(Resource=self.function_arn),
            },
            lambda: functions.delete_function(**named),
            ("ResourceNotFoundException",),
        )
        self.made["aws_lambda_alias.live"] = Resource(
            {"alias": lambda: functions.get_alias(**named, Name="live")},
            lambda: functions.delete_alias(**named, Name="live"),
            ("ResourceNotFoundException",),
        )
        self.made["aws_lambda_permission.api"] = Resource(
            {"policy": lambda: functions.get_policy(**named)},
            lambda: functions.remove_permission(**named, StatementId="api"),
            ("ResourceNotFoundException",),
        )
        self._alias_target()

    def _alias_target(self) -> None:
        target = {
            "ServiceNamespace": "lambda",
            "ResourceId": f"function:{self.name}:live",
            "ScalableDimension": "lambda:function:ProvisionedConcurrency",
        }
        self._scaling("aws_appautoscaling_target.function", target)

    def _scaling(self, address: str, target: dict[str, str]) -> None:
        scaling = self.client("application-autoscaling")
        arn = scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)["ScalableTargetARN"]
        asked = {
            "ServiceNamespace": target["ServiceNamespace"],
            "ResourceIds": [target["ResourceId"]],
            "ScalableDimension": target["ScalableDimension"],
        }
        self.made[address] = Resource(
            {
                "targets": lambda: scaling.describe_scalable_targets(**asked),
                "tags": lambda: scaling.list_tags_for_resource(ResourceARN=arn),
            },
            lambda: scaling.deregister_scalable_target(**target),
            (),
        )

    def api(self) -> None:
        gateway = self.client("apigateway")
        api = gateway.create_rest_api(name=self.name)
        of_api = {"restApiId": api["id"]}
        root = {**of_api, "resourceId": api["rootResourceId"], "httpMethod": "GET"}
        gateway.put_method(**root, authorizationType="NONE")
        uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{self.function_arn}/invocations"
        gateway.put_integration(**root, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
        deployment = gateway.create_deployment(**of_api)["id"]
        gateway.create_stage(**of_api, stageName="live", deploymentId=deployment)
        gone = ("NotFoundException",)
        self.made["aws_api_gateway_rest_api.ask"] = Resource(
            {
                "api": lambda: gateway.get_rest_api(**of_api),
                "resources": lambda: gateway.get_resources(**of_api),
            },
            lambda: gateway.delete_rest_api(**of_api),
            gone,
        )
        self.made["aws_api_gateway_method.get"] = Resource(
            {"method": lambda: gateway.get_method(**root)}, lambda: gateway.delete_method(**root), gone
        )
        self.made["aws_api_gateway_integration.get"] = Resource(
            {"integration": lambda: gateway.get_integration(**root)},
            lambda: gateway.delete_integration(**root),
            gone,
        )
        of_deployment = {**of_api, "deploymentId": deployment}
        self.made["aws_api_gateway_deployment.live"] = Resource(
            {"deployment": lambda: gateway.get_deployment(**of_deployment)},
            lambda: gateway.delete_deployment(**of_deployment),
            gone,
        )
        of_stage = {**of_api, "stageName": "live"}
        self.made["aws_api_gateway_stage.live"] = Resource(
            {"stage": lambda: gateway.get_stage(**of_stage)}, lambda: gateway.delete_stage(**of_stage), gone
        )

    def endpoint(self) -> None:
        sagemaker = self.client("sagemaker")
        model = self.stage.model("tf", 3)
        variant = {
            "VariantName": "all",
            "ModelName": model,
            "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 2},
        }
        sagemaker.create_endpoint_config(EndpointConfigName=self.name, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=self.name, EndpointConfigName=self.name)
        named = {"EndpointName": self.name}
        eventually(lambda: sagemaker.describe_endpoint(**named)["EndpointStatus"] == "InService")
        arn = "arn:aws:sagemaker:us-east-1:123456789012:{}/{}"
        self.made["aws_sagemaker_endpoint_configuration.ask"] = Resource(
            {
                "config": lambda: sagemaker.describe_endpoint_config(EndpointConfigName=self.name),
                "tags": lambda: sagemaker.list_tags(ResourceArn=arn.format("endpoint-config", self.name)),
            },
            lambda: sagemaker.delete_endpoint_config(EndpointConfigName=self.name),
            ("ValidationException",),
        )
        self.made["aws_sagemaker_endpoint.ask"] = Resource(
            {
                "endpoint": lambda: sagemaker.describe_endpoint(**named),
                "tags": lambda: sagemaker.list_tags(ResourceArn=arn.format("endpoint", self.name)),
            },
            lambda: sagemaker.delete_endpoint(**named),
            ("ValidationException",),
        )
        target = {
            "ServiceNamespace": "sagemaker",
            "ResourceId": f"endpoint/{self.name}/variant/all",
            "ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency",
        }
        self._scaling("aws_appautoscaling_target.endpoint", target)


def test_what_is_applied_reads_the_same_twice_and_is_destroyed(client: Any, stage: Stage) -> None:
    made = Apply(client, stage).everything()
    first = {address: resource.refreshed() for address, resource in made.items()}
    assert {address: resource.refreshed() for address, resource in made.items()} == first
    for resource in reversed(made.values()):
        resource.destroy()
        eventually(resource.is_gone)


def _bound(call: Callable[..., Any], **given: str) -> Callable[[], Any]:
    return lambda: call(**given)


def _package() -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return event\n")
    return package.getvalue()
