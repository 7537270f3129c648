"""Conversions: what templates write otherwise than requests, and no table can say. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

from sagehen.services.cloudformation.types.buckets import BUCKETS
from sagehen.services.cloudformation.types.inline_code import inline_code
from sagehen.services.cloudformation.types.known import ABSENT, Known
from sagehen.services.cloudformation.types.rest_apis import REST_APIS, as_text
from sagehen.services.cloudformation.types.tag_forms import TAG_FORMS


def _as_json(value: Any, known: Known) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _if(wanted: bool) -> Callable[[Any, Known], Any]:
    """Return what leaves out a switch that is not turned as wanted."""
    return lambda value, known: value if (str(value).lower() == "true") is wanted else ABSENT


_RULE = frozenset(("IpProtocol", "FromPort", "ToPort", "Description", "CidrIp", "CidrIpv6"))
# What names the group on the other side of a rule, as EC2's UserIdGroupPairs say it.
_INGRESS = {"SourceSecurityGroupId": "GroupId", "SourceSecurityGroupName": "GroupName"}
_EGRESS = {"DestinationSecurityGroupId": "GroupId"}


def _permissions(groups: Mapping[str, str]) -> Callable[[Any, Known], Any]:
    """Return what gives EC2's IpPermissions of a security group's rules."""
    return lambda value, known: [
        _permission(rule, groups) for rule in (value if isinstance(value, list) else [value])
    ]


def _own_permission(groups: Mapping[str, str]) -> Callable[[Any, Known], Any]:
    """Return what gives the permission of a rule that is a resource of its own."""
    wanted = _RULE | groups.keys()
    return lambda value, known: [
        _permission({name: one for name, one in known.properties.items() if name in wanted}, groups)
    ]


def _permission(rule: Mapping[str, Any], groups: Mapping[str, str]) -> dict[str, Any]:
    if unknown := rule.keys() - _RULE - groups.keys():
        raise ValueError(f"Encountered unsupported property {min(unknown)}")
    found: dict[str, Any] = {"IpProtocol": str(rule.get("IpProtocol", "-1"))}
    for name in ("FromPort", "ToPort"):
        if name in rule:
            found[name] = int(rule[name])
    words = {"Description": rule["Description"]} if "Description" in rule else {}
    if "CidrIp" in rule:
        found["IpRanges"] = [{"CidrIp": rule["CidrIp"], **words}]
    if "CidrIpv6" in rule:
        found["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **words}]
    if group := {member: rule[name] for name, member in groups.items() if rule.get(name)}:
        found["UserIdGroupPairs"] = [{**group, **words}]
    return found


def _transformations(value: Any, known: Known) -> list[dict[str, Any]]:
    """Return a metric filter's transformations: templates write dimensions as a list, which is a map."""
    found = []
    for one in value:
        dimensions = one.get("Dimensions")
        more = {}
        if isinstance(dimensions, list):
            more = {"Dimensions": {str(pair["Key"]): str(pair["Value"]) for pair in dimensions}}
        found.append({**one, **more})
    return found


def _layer(part: int) -> Callable[[Any, Known], Any]:
    """Return what gives the ARN of a layer, or the version, of `arn:...:layer:NAME:VERSION`."""
    return lambda value, known: str(value).rpartition(":")[::2][part]


def _each(name: str) -> Callable[[Any, Known], Any]:
    """Return what gives one member of each of a list."""
    return lambda value, known: [one[name] for one in value]


def _slashed(value: Any, known: Known) -> str:
    """Return the name of a parameter as it stands in its ARN: behind one slash, whatever it begins with."""
    return f"/{str(value).removeprefix('/')}"


def _token(value: Any, known: Known) -> str:
    """Return a request's token: the same for the same resource."""
    return sha256(f"{value} {sorted(map(str, known.properties.items()))}".encode()).hexdigest()


def _routing(value: Any, known: Known) -> dict[str, Any]:
    """Return an alias's RoutingConfig: a map of weights, which templates write as a list."""
    weights = value.get("AdditionalVersionWeights") or []
    if isinstance(weights, Mapping):
        return {"AdditionalVersionWeights": weights}
    pairs = {str(one["FunctionVersion"]): float(one["FunctionWeight"]) for one in weights}
    return {"AdditionalVersionWeights": pairs}


def _of_target(part: int, name: str) -> Callable[[Any, Known], Any]:
    """Return what gives a part of a policy's ScalingTargetId, or the property that stands for it."""

    def found(value: Any, known: Known) -> Any:
        target = known.properties.get("ScalingTargetId")
        parts = str(target).split("|") if target else []
        return parts[part] if len(parts) == 3 else known.properties.get(name, ABSENT)

    return found


CONVERSIONS: Mapping[str, Callable[[Any, Known], Any]] = {
    **BUCKETS,
    **REST_APIS,
    **TAG_FORMS,
    "json": _as_json,
    "text": lambda value, known: as_text(value),
    "if_true": _if(True),
    "if_false": _if(False),
    "inline_code": inline_code,
    "ingress": _permissions(_INGRESS),
    "egress": _permissions(_EGRESS),
    "own_ingress": _own_permission(_INGRESS),
    "own_egress": _own_permission(_EGRESS),
    "transformations": _transformations,
    "layer_name": _layer(0),
    "layer_version": _layer(1),
    "slashed": _slashed,
    "unquoted": lambda value, known: unquote(str(value)),  # as IAM answers documents
    "all": lambda value, known: known.properties,
    "policy_arns": _each("PolicyArn"),
    "role_names": _each("RoleName"),
    "layer_arns": _each("Arn"),
    "token": _token,
    "routing": _routing,
    "target_resource": _of_target(0, "ResourceId"),
    "target_dimension": _of_target(1, "ScalableDimension"),
    "target_namespace": _of_target(2, "ServiceNamespace"),
}
