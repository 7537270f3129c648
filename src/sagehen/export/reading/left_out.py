"""Left out: what there is besides, of kinds that no reader tells as nodes; counted, and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sagehen.export.reading.asking import Asked

API_LOGS = (
    "the role that API Gateway writes logs with: it is the account's in its region, for all APIs"
    " (AWS::ApiGateway::Account)"
)


class _Listing(NamedTuple):
    """What is listed.

    Args:
        service, operation: Who lists it.
        member: Of the answer.
        what: It is, in the plural.
        own: Whether somebody made one; not AWS, with the account.
        request: What is asked for.
    """

    service: str
    operation: str
    member: str
    what: str
    own: Callable[[Mapping[str, Any]], bool] = lambda one: True
    request: Mapping[str, Any] = {}


def _is_there(launch: Mapping[str, Any]) -> bool:
    """Tell whether an instance of a launch is more than remembered."""
    return any(one["State"]["Name"] != "terminated" for one in launch["Instances"])


_LISTINGS = (
    _Listing("iam", "list_users", "Users", "users"),
    _Listing("iam", "list_groups", "Groups", "groups of users"),
    _Listing("iam", "list_instance_profiles", "InstanceProfiles", "instance profiles"),
    _Listing(
        "iam", "list_open_id_connect_providers", "OpenIDConnectProviderList", "OpenID Connect providers"
    ),
    _Listing("iam", "list_saml_providers", "SAMLProviderList", "SAML providers"),
    _Listing("iam", "list_account_aliases", "AccountAliases", "other names of the account"),
    _Listing("ec2", "describe_instances", "Reservations", "launches of EC2 instances", _is_there),
    _Listing("ec2", "describe_volumes", "Volumes", "volumes"),
    _Listing("ec2", "describe_snapshots", "Snapshots", "snapshots", request={"OwnerIds": ["self"]}),
    _Listing("ec2", "describe_key_pairs", "KeyPairs", "key pairs"),
    _Listing("ec2", "describe_launch_templates", "LaunchTemplates", "launch templates"),
    _Listing("ec2", "describe_addresses", "Addresses", "elastic addresses"),
    _Listing("ec2", "describe_images", "Images", "machine images", request={"Owners": ["self"]}),
    _Listing("ec2", "describe_vpcs", "Vpcs", "VPCs, with all in them", lambda one: not one.get("IsDefault")),
    _Listing(
        "ec2",
        "describe_security_groups",
        "SecurityGroups",
        "security groups",
        lambda one: one["GroupName"] != "default",
    ),
    _Listing("kms", "list_keys", "Keys", "keys of KMS"),
    _Listing("ecr", "describe_repositories", "repositories", "repositories of images"),
    _Listing("sagemaker", "list_inference_components", "InferenceComponents", "inference components"),
    _Listing("sagemaker", "list_code_repositories", "CodeRepositorySummaryList", "code repositories"),
    _Listing(
        "sagemaker", "list_mlflow_tracking_servers", "TrackingServerSummaries", "MLflow tracking servers"
    ),
    _Listing("sagemaker", "list_experiments", "ExperimentSummaries", "experiments"),
    _Listing("ssm", "describe_parameters", "Parameters", "parameters of Systems Manager"),
    _Listing("logs", "describe_query_definitions", "queryDefinitions", "saved queries of logs"),
    _Listing("lambda", "list_code_signing_configs", "CodeSigningConfigs", "code signing configurations"),
    _Listing("cloudformation", "describe_stacks", "Stacks", "stacks: what they made is in it by itself"),
)


def count_left_out(asked: Asked) -> None:
    """Note what there is in the account besides."""
    for one in _LISTINGS:
        listed = asked.all(one.service, one.operation, one.member, **one.request)
        if count := sum(map(one.own, listed)):
            asked.leave_out(f"{count} {one.what}")
    if asked.one("apigateway", "get_account").get("cloudwatchRoleArn"):
        asked.leave_out(API_LOGS)
