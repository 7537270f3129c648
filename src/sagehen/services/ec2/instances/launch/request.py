"""What RunInstances is asked for: its request laid over a launch template's data; what of it is not built.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.ec2.errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.launch_templates.templates import choose
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.kinds import INSTANCE, NETWORK_INTERFACE, SPOT_REQUEST, VOLUME
from sagehen.services.ec2.resources.resource import Body
from sagehen.services.ec2.resources.view import View

_NOT_BUILT = (
    *("Ipv6AddressCount", "Ipv6Addresses", "KernelId", "RamdiskId", "RamDiskId", "EnablePrimaryIpv6"),
    *("ElasticGpuSpecification", "ElasticGpuSpecifications", "ElasticInferenceAccelerators"),
    *("CreditSpecification", "CpuOptions", "LicenseSpecifications", "NetworkPerformanceOptions", "Operator"),
    *("SecondaryInterfaces", "AdditionalInfo", "EbsOptimized", "InstanceRequirements"),
)
# Structures of which only what changes nothing is taken: member -> what may stand in it.
_ONLY: dict[str, dict[str, tuple[Any, ...]]] = {
    "HibernationOptions": {"Configured": (False,)},
    "EnclaveOptions": {"Enabled": (False,)},
    "CapacityReservationSpecification": {"CapacityReservationPreference": ("open", "none")},
    "PrivateDnsNameOptions": {
        "HostnameType": ("ip-name",),
        "EnableResourceNameDnsARecord": (False, True),
        "EnableResourceNameDnsAAAARecord": (False,),
    },
    "Placement": {
        "AvailabilityZone": (),
        "AvailabilityZoneId": (),
        "Tenancy": ("default",),
        "GroupName": ("",),
    },
    "MaintenanceOptions": {"AutoRecovery": ("default", "disabled")},
    "MetadataOptions": {
        "HttpTokens": ("optional", "required"),
        "HttpPutResponseHopLimit": (),
        "HttpEndpoint": ("enabled", "disabled"),
        "HttpProtocolIpv6": ("disabled",),
        "InstanceMetadataTags": ("enabled", "disabled"),
    },
    "Monitoring": {"Enabled": ()},
}
_TAGGED = (INSTANCE.name, VOLUME.name, NETWORK_INTERFACE.name, SPOT_REQUEST.name)
_SPOT = {"MaxPrice", "SpotInstanceType", "InstanceInterruptionBehavior"}
_MOST_USER_DATA = 16 * 1024
# Ours; AWS's limit is the account's quota.
_MOST_AT_ONCE = 100
_MOST_VOLUMES = 27


def merged(view: View, request: Body) -> Body:
    """Return what is asked for, with the launch template's members where the request has none.

    Raises:
        Ec2Error, InvalidParameterCombination, InvalidParameterValue, MissingParameter.
        NotImplementedOperation: What it asks for is not built.
    """
    asked = with_template(view, request)
    _check(asked)
    return asked


def with_template(view: View, request: Body) -> Body:
    """Return a request with the launch template's members where it has none.

    Raises:
        Ec2Error, InvalidParameterCombination, MissingParameter: As `templates.choose`.
    """
    asked = dict(request)
    if specification := request.get("LaunchTemplate"):
        chosen = choose(view, specification)
        for member, value in chosen.data.items():
            if member == "TagSpecifications":
                named = {item.get("ResourceType") for item in asked.get(member) or ()}
                more = [item for item in value if item.get("ResourceType") not in named]
                asked[member] = [*(asked.get(member) or ()), *more]
            elif asked.get(member) in (None, [], {}):
                asked[member] = value
        asked["template"] = {"id": chosen.template.id, "version": str(chosen.version)}
    return asked


def _check(asked: Body) -> None:
    refuse_unbuilt(asked, _NOT_BUILT)
    for member, known in _ONLY.items():
        only(member, asked.get(member) or {}, known)
    if not asked.get("ImageId"):
        raise MissingParameter("ImageId")
    fewest, most = asked.get("MinCount") or 0, asked.get("MaxCount") or 0
    if fewest < 1 or most < fewest:
        raise InvalidParameterValue(
            f"Value ({fewest if fewest < 1 else most}) for parameter "
            f"{'minCount' if fewest < 1 else 'maxCount'} is invalid."
        )
    if most > _MOST_AT_ONCE:
        raise InvalidParameterValue(f"At most {_MOST_AT_ONCE} instances can be started at once.")
    if len(asked.get("BlockDeviceMappings") or ()) > _MOST_VOLUMES:
        raise InvalidParameterValue(f"At most {_MOST_VOLUMES} block devices can be given.")
    if asked.get("NetworkInterfaces") and any(
        asked.get(member) for member in ("SubnetId", "SecurityGroupIds", "SecurityGroups", "PrivateIpAddress")
    ):
        raise InvalidParameterCombination(
            "Network interfaces and an instance-level subnet ID, security groups or private address may not "
            "be specified on the same request"
        )
    _check_market(asked.get("InstanceMarketOptions") or {})
    if len(asked.get("ClientToken") or "") > 64:
        raise InvalidParameterValue("ClientToken is limited to 64 characters")
    for item in asked.get("TagSpecifications") or ():
        if item.get("ResourceType") not in _TAGGED:
            raise InvalidParameterValue(
                f"'{str(item.get('ResourceType'))[:64]}' is not a valid taggable resource type for this "
                "operation."
            )


def only(member: str, given: Body, known: dict[str, tuple[Any, ...]]) -> None:
    """Refuse what is not known of a structure.

    Args:
        known: Member -> the values that are taken; () takes all.

    Raises:
        NotImplementedOperation.
    """
    for name, value in given.items():
        if value is None:
            continue
        if name not in known or (known[name] and value not in known[name]):
            raise NotImplementedOperation(
                f"Sagehen does not implement {member}.{name} {str(value)[:64]!r} of EC2."
            )


def _check_market(market: Body) -> None:
    if not market:
        return
    if market.get("MarketType") != "spot":
        raise NotImplementedOperation(f"Sagehen does not implement MarketType {market.get('MarketType')!r}.")
    options = {name for name, value in (market.get("SpotOptions") or {}).items() if value is not None}
    refuse_unbuilt({f"SpotOptions.{name}": True for name in options - _SPOT}, _dotted(options - _SPOT))
    spot = market.get("SpotOptions") or {}
    if spot.get("SpotInstanceType") == "persistent":
        raise NotImplementedOperation("Sagehen does not implement persistent Spot requests of EC2.")
    if spot.get("InstanceInterruptionBehavior") not in (None, "terminate"):
        # Documented: stop and hibernate need a persistent request.
        raise InvalidParameterCombination(
            "The instance interruption behavior 'stop' or 'hibernate' requires a persistent Spot request."
        )
    price = spot.get("MaxPrice")
    if price is not None:
        try:
            valid = 0 < float(price) < 1e6
        except ValueError:
            valid = False
        if not valid:
            raise InvalidParameterValue(f"Invalid value '{price[:64]}' for MaxPrice.")


def _dotted(names: set[str]) -> tuple[str, ...]:
    return tuple(f"SpotOptions.{name}" for name in sorted(names))


def user_data(text: str) -> bytes:
    """Return user data, of base64.

    Raises:
        InvalidParameterValue: It is no base64, or too long (documented: 16 kB before base64).
    """
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        raise InvalidParameterValue("Invalid BASE64 encoding of user data.") from None
    if len(content) > _MOST_USER_DATA:
        raise InvalidParameterValue(f"User data is limited to {_MOST_USER_DATA} bytes")
    return content


def tags_for(asked: Body, kind_name: str) -> list[dict[str, str]]:
    """Return the tags that a request has for one kind of what it makes."""
    return [
        tag
        for item in asked.get("TagSpecifications") or ()
        if item.get("ResourceType") == kind_name
        for tag in item.get("Tags") or ()
    ]
