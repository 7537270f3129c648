"""Conversions of buckets: what templates write of them otherwise than S3's requests. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.services.cloudformation.types.known import ABSENT, Known

_CORS = {"ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds", "Id": "ID"}
_ENCRYPTION = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
# Members of a lifecycle's rule that S3 takes as they are, and those that it has under another name.
_PLAIN = {
    "Id": "ID", "Status": "Status", "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
}  # fmt: skip
_EXPIRATION = {
    "ExpirationInDays": "Days", "ExpirationDate": "Date", "ExpiredObjectDeleteMarker":
    "ExpiredObjectDeleteMarker",
}  # fmt: skip
_FILTER = ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
_TRANSITION = {"TransitionInDays": "Days", "TransitionDate": "Date"}
_NONCURRENT_TRANSITION = {"TransitionInDays": "NoncurrentDays"}
_TRANSITIONS = {
    "Transition": ("Transitions", _TRANSITION),
    "Transitions": ("Transitions", _TRANSITION),
    "NoncurrentVersionTransition": ("NoncurrentVersionTransitions", _NONCURRENT_TRANSITION),
    "NoncurrentVersionTransitions": ("NoncurrentVersionTransitions", _NONCURRENT_TRANSITION),
}
_NOTIFICATIONS = {
    "LambdaConfigurations": ("LambdaFunctionConfigurations", {"Function": "LambdaFunctionArn"}),
    "QueueConfigurations": ("QueueConfigurations", {"Queue": "QueueArn"}),
    "TopicConfigurations": ("TopicConfigurations", {"Topic": "TopicArn"}),
}


def _renamed(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): one for name, one in value.items()}


def _each_renamed(names: Mapping[str, str]) -> Callable[[Any, Known], Any]:
    return lambda value, known: [_renamed(one, names) for one in value]


def _location(value: Any, known: Known) -> Any:
    """Return a bucket's LocationConstraint, which us-east-1 has none of."""
    region = known.places["region"]
    return ABSENT if region == "us-east-1" else region


def _canned_acl(value: Any, known: Known) -> str:
    """Return the canned ACL that `AccessControl` names: `LogDeliveryWrite` is `log-delivery-write`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", str(value)).lower()


def _lifecycle(value: Any, known: Known) -> list[dict[str, Any]]:
    return [_rule(rule) for rule in value]


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule as S3 takes it.

    Raises:
        ValueError: It has what S3's rules do not.
    """
    found: dict[str, Any] = {}
    expiration: dict[str, Any] = {}
    for name, value in rule.items():
        if name in _PLAIN:
            found[_PLAIN[name]] = value
        elif name in _EXPIRATION:
            expiration[_EXPIRATION[name]] = value
        elif name in _TRANSITIONS:
            member, names = _TRANSITIONS[name]
            every = value if isinstance(value, list) else [value]
            found.setdefault(member, []).extend(_renamed(one, names) for one in every)
        elif name == "NoncurrentVersionExpirationInDays":
            found["NoncurrentVersionExpiration"] = {"NoncurrentDays": value}
        elif name not in (*_FILTER, "TagFilters"):
            raise ValueError(f"Encountered unsupported property {name}")
    if expiration:
        found["Expiration"] = expiration
    return {**found, "Filter": _filter(rule)}


def _filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filter of a rule: one condition as it is, several together as `And`."""
    plain: dict[str, Any] = {name: rule[name] for name in _FILTER if name in rule}
    tags: Sequence[Any] = rule.get("TagFilters") or ()
    if len(plain) + len(tags) > 1:
        return {"And": {**plain, **({"Tags": list(tags)} if tags else {})}}
    if tags:
        return {"Tag": tags[0]}
    return plain or {"Prefix": ""}


def _notifications(value: Any, known: Known) -> dict[str, Any]:
    """Return a NotificationConfiguration: one event for each of a template's, a filter's rules one deeper."""
    found: dict[str, Any] = {}
    for name, one in value.items():
        if name == "EventBridgeConfiguration":
            found[name] = {}
            continue
        if name not in _NOTIFICATIONS:
            raise ValueError(f"Encountered unsupported property {name}")
        member, names = _NOTIFICATIONS[name]
        found[member] = [_notification(entry, names) for entry in one]
    return found


def _notification(entry: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    found = _renamed({name: one for name, one in entry.items() if name not in ("Event", "Filter")}, names)
    if "Event" in entry:
        found["Events"] = [entry["Event"]]
    if "Filter" in entry:
        found["Filter"] = {"Key": {"FilterRules": entry["Filter"]["S3Key"]["Rules"]}}
    return found


def _log_prefix(value: Any, known: Known) -> str:
    """Return a log's prefix, which S3 wants even where it is empty."""
    return str(value.get("LogFilePrefix", ""))


def _website(value: Any, known: Known) -> dict[str, Any]:
    """Return a website as S3 takes it: documents are structures there, a rule's parts have other names."""
    found = dict(value)
    if "IndexDocument" in found:
        found["IndexDocument"] = {"Suffix": found["IndexDocument"]}
    if "ErrorDocument" in found:
        found["ErrorDocument"] = {"Key": found["ErrorDocument"]}
    rules = found.get("RoutingRules") or []
    if rules:
        names = {"RedirectRule": "Redirect", "RoutingRuleCondition": "Condition"}
        found["RoutingRules"] = [_renamed(rule, names) for rule in rules]
    return found


BUCKETS: Mapping[str, Callable[[Any, Known], Any]] = {
    "location": _location,
    "canned_acl": _canned_acl,
    "cors": _each_renamed(_CORS),
    "encryption": _each_renamed(_ENCRYPTION),
    "lifecycle": _lifecycle,
    "log_prefix": _log_prefix,
    "website": _website,
    "notifications": _notifications,
}
