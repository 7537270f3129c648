"""The document of quotas: how many of a thing an account may have here in a region, and how many it has.

The figures are those that the services themselves refuse by. How many there are is told by AWS's own
listings, asked in the name of who asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.console.documents.asking import Ask, Seen
from sagehen.services.application_autoscaling.registration.operations import MOST_TARGETS
from sagehen.services.ec2.images.own import MOST_IMAGES
from sagehen.services.ec2.key_pairs.pairs import MOST_PAIRS
from sagehen.services.ec2.launch_templates.templates import MOST_TEMPLATES
from sagehen.services.ec2.network.addresses.operations import MOST_ADDRESSES
from sagehen.services.ec2.network.internet_gateways import MOST_GATEWAYS
from sagehen.services.ec2.network.network_interfaces.making import MOST_INTERFACES
from sagehen.services.ec2.network.security_groups.operations import MOST_GROUPS
from sagehen.services.ec2.network.vpcs import MOST_VPCS
from sagehen.services.ec2.snapshots.snapshots import MOST_SNAPSHOTS
from sagehen.services.ec2.spot.requests import MOST_REQUESTS
from sagehen.services.ec2.volumes.volumes import MOST_VOLUMES
from sagehen.services.sagemaker.notebooks.code_repositories.records import MOST_REPOSITORIES
from sagehen.services.sagemaker.notebooks.lifecycle_configs.records import MOST_CONFIGS
from sagehen.services.sagemaker.notebooks.records import MOST_INSTANCES

_SCALABLE = (
    ("sagemaker", "sagemaker:variant:DesiredInstanceCount", "variants of endpoints"),
    ("lambda", "lambda:function:ProvisionedConcurrency", "functions"),
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A quota whose use is the length of a listing.

    Args:
        service, operation, member: The listing.
        name: What is counted.
        most: How many there may be.
        request: Besides the page.
        states: Those alone that are in one of these states; all of them where it is empty.
    """

    service: str
    operation: str
    member: str
    name: str
    most: int
    request: Mapping[str, Any] = field(default_factory=dict)
    states: tuple[str, ...] = ()


_SELF = {"OwnerIds": ["self"]}
_HUNDRED = {"MaxResults": 100}
_LISTED = (
    Listed("ec2", "DescribeVolumes", "Volumes", "Volumes", MOST_VOLUMES),
    Listed("ec2", "DescribeSnapshots", "Snapshots", "Snapshots", MOST_SNAPSHOTS, _SELF),
    Listed("ec2", "DescribeImages", "Images", "Images of one's own", MOST_IMAGES, {"Owners": ["self"]}),
    Listed(
        "ec2",
        "DescribeSpotInstanceRequests",
        "SpotInstanceRequests",
        "Spot requests, open or active",
        MOST_REQUESTS,
        states=("open", "active"),
    ),
    Listed("ec2", "DescribeVpcs", "Vpcs", "VPCs", MOST_VPCS),
    Listed("ec2", "DescribeInternetGateways", "InternetGateways", "Internet gateways", MOST_GATEWAYS),
    Listed("ec2", "DescribeSecurityGroups", "SecurityGroups", "Security groups", MOST_GROUPS),
    Listed("ec2", "DescribeNetworkInterfaces", "NetworkInterfaces", "Network interfaces", MOST_INTERFACES),
    Listed("ec2", "DescribeAddresses", "Addresses", "Elastic IP addresses", MOST_ADDRESSES),
    Listed("ec2", "DescribeKeyPairs", "KeyPairs", "Key pairs", MOST_PAIRS),
    Listed("ec2", "DescribeLaunchTemplates", "LaunchTemplates", "Launch templates", MOST_TEMPLATES),
    Listed(
        "sagemaker",
        "ListNotebookInstances",
        "NotebookInstances",
        "Notebook instances",
        MOST_INSTANCES,
        _HUNDRED,
    ),
    Listed(
        "sagemaker",
        "ListNotebookInstanceLifecycleConfigs",
        "NotebookInstanceLifecycleConfigs",
        "Lifecycle configurations of notebook instances",
        MOST_CONFIGS,
        _HUNDRED,
    ),
    Listed(
        "sagemaker",
        "ListCodeRepositories",
        "CodeRepositorySummaryList",
        "Code repositories",
        MOST_REPOSITORIES,
        _HUNDRED,
    ),
    *(
        Listed(
            "application-autoscaling",
            "DescribeScalableTargets",
            "ScalableTargets",
            f"Scalable targets: {what}",
            MOST_TARGETS,
            {"ServiceNamespace": namespace, "ScalableDimension": dimension, "MaxResults": 50},
        )
        for namespace, dimension, what in _SCALABLE
    ),
)


async def quotas(ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return every quota that is known, with its use; that is null where who asks may not list."""
    seen = Seen(ask)
    items = [await _of(seen, listed) for listed in _LISTED]
    items += _of_functions(await seen.one("lambda", "GetAccountSettings"))
    return {"region": ask.scope.region, "quotas": items, **seen.lacks()}


async def _of(seen: Seen, listed: Listed) -> Mapping[str, Any]:
    found = await seen.all(listed.service, listed.operation, listed.member, **listed.request)
    may = f"{listed.service}:{listed.operation}" not in seen.hidden
    used = sum(not listed.states or one.get("State") in listed.states for one in found)
    return _told(listed.service, listed.name, listed.most, used if may else None)


def _of_functions(settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if not settings:
        return []
    limit, usage = settings["AccountLimit"], settings["AccountUsage"]
    reserved = limit["ConcurrentExecutions"] - limit["UnreservedConcurrentExecutions"]
    return [
        _told(
            "lambda", "Concurrent executions; used: reserved ones", limit["ConcurrentExecutions"], reserved
        ),
        _told(
            "lambda",
            "Code of all functions and layers",
            limit["TotalCodeSize"],
            usage["TotalCodeSize"],
            "bytes",
        ),
    ]


def _told(service: str, name: str, most: int, used: int | None, unit: str = "") -> Mapping[str, Any]:
    return {"service": service, "name": name, "limit": most, "used": used, "unit": unit}
