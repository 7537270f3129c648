"""Settings of buckets, as templates write them: the way back of CloudFormation's conversions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

Told = Mapping[str, Any]
_TRANSITION = {"Days": "TransitionInDays", "Date": "TransitionDate", "NoncurrentDays": "TransitionInDays"}
_EXPIRATION = {
    "Days": "ExpirationInDays",
    "Date": "ExpirationDate",
    "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
}
_AS_THEY_ARE = ("Status", "AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration")


def cors(rules: Sequence[Told]) -> dict[str, Any]:
    """Return a CorsConfiguration."""
    names = {"ExposeHeaders": "ExposedHeaders", "MaxAgeSeconds": "MaxAge", "ID": "Id"}
    return {"CorsRules": [_renamed(rule, names) for rule in rules]}


def encryption(rules: Sequence[Told]) -> dict[str, Any]:
    """Return a BucketEncryption."""
    found = []
    for rule in rules:
        by_default = rule.get("ApplyServerSideEncryptionByDefault")
        one: dict[str, Any] = {"ServerSideEncryptionByDefault": by_default} if by_default else {}
        found.append(one | ({"BucketKeyEnabled": True} if rule.get("BucketKeyEnabled") else {}))
    return {"ServerSideEncryptionConfiguration": found}


def lifecycle(rules: Sequence[Told]) -> dict[str, Any]:
    """Return a LifecycleConfiguration."""
    return {"Rules": [_rule(rule) for rule in rules]}


def _rule(rule: Told) -> dict[str, Any]:
    found = {name: rule[name] for name in _AS_THEY_ARE if name in rule}
    if "ID" in rule:
        found["Id"] = rule["ID"]
    found |= _renamed(rule.get("Expiration") or {}, _EXPIRATION)
    for name in ("Transitions", "NoncurrentVersionTransitions"):
        if name in rule:
            found[name] = [_renamed(one, _TRANSITION) for one in rule[name]]
    condition = dict(rule.get("Filter") or {"Prefix": rule.get("Prefix", "")})
    condition |= condition.pop("And", {})
    tags = [*condition.pop("Tags", ()), *([condition.pop("Tag")] if "Tag" in condition else [])]
    if tags:
        found["TagFilters"] = tags
    return found | {name: one for name, one in condition.items() if one != ""}


def website(told: Told) -> dict[str, Any]:
    """Return a WebsiteConfiguration."""
    found = {name: told[name] for name in ("RedirectAllRequestsTo",) if name in told}
    if "IndexDocument" in told:
        found["IndexDocument"] = told["IndexDocument"]["Suffix"]
    if "ErrorDocument" in told:
        found["ErrorDocument"] = told["ErrorDocument"]["Key"]
    if rules := told.get("RoutingRules"):
        names = {"Redirect": "RedirectRule", "Condition": "RoutingRuleCondition"}
        found["RoutingRules"] = [_renamed(rule, names) for rule in rules]
    return found


def _renamed(value: Told, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        names.get(name, name): one.isoformat() if isinstance(one, datetime) else one
        for name, one in value.items()
    }
