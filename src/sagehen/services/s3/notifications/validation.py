"""Rules of notifications as clients put them: checked in AWS's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.services.s3.errors.requests import InvalidArgument
from sagehen.services.s3.events.rules import affixes

# Of the many that S3 has (documented: Supported event types) those that something here can bring about.
_FIRED = frozenset((
    "s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload", "s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated", "s3:ObjectTagging:*", "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete", "s3:ObjectAcl:Put", "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete", "s3:LifecycleExpiration:DeleteMarkerCreated",
))  # fmt: skip


class UnreachableDestination(ServiceError):
    """Destinations are numbered, as there may be several (recorded for one)."""

    status = 400
    code = "InvalidArgument"

    def __init__(self, name: str, value: str) -> None:
        super().__init__(
            "Unable to validate the following destination configurations",
            ArgumentName1=name,
            ArgumentValue1=value,
        )


def _filter_rules(rule: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return ((rule.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()


def spelled(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule with its filters' names as S3 gives them back: `Prefix`, however they were put."""
    filters = [{**one, "Name": _capital(one.get("Name", ""))} for one in _filter_rules(rule)]
    return {**rule, "Filter": {"Key": {"FilterRules": filters}}} if filters else dict(rule)


def _capital(name: str) -> str:
    return name.capitalize() if name.lower() in ("prefix", "suffix") else name


def check_rule(rule: Mapping[str, Any]) -> None:
    """Refuse a rule that names no function, an event that is not fired, or filters twice.

    Raises:
        InvalidArgument: In AWS's words.
        NotImplementedOperation: AWS has the event, and nothing here fires it.
    """
    arn = rule["LambdaFunctionArn"]
    if arn.split(":")[2:3] != ["lambda"]:
        raise InvalidArgument("The ARN could not be parsed", "CloudFunction", arn)
    for event in rule["Events"]:
        if event not in _FIRED:
            raise NotImplementedOperation(f"The event {event} is not implemented.")
    named = [one.get("Name", "") for one in _filter_rules(rule)]
    names = [name.lower() for name in named]
    for name, spelled in zip(names, named, strict=True):
        if name not in ("prefix", "suffix"):
            text = "filter rule name must be either prefix or suffix"
            raise InvalidArgument(text, "FilterRule.Name", spelled)
        if names.count(name) > 1:
            raise InvalidArgument(
                f"Cannot specify more than one {name} rule in a filter.", "FilterRule.Name", name
            )


def check_overlaps(rules: Sequence[Mapping[str, Any]]) -> None:
    """No event of one key may go to two destinations."""
    for one, other in combinations(rules, 2):
        if not any(_shared(first, second) for first in one["Events"] for second in other["Events"]):
            continue
        (prefix, suffix), (other_prefix, other_suffix) = affixes(one), affixes(other)
        # Rules overlap if one key could fit both (documented: Configuring event notifications, filtering).
        prefixes = prefix.startswith(other_prefix) or other_prefix.startswith(prefix)
        suffixes = suffix.endswith(other_suffix) or other_suffix.endswith(suffix)
        if prefixes and suffixes:
            raise InvalidArgument(
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the "
                "prefixes are overlapping for the same event type.",
                "LambdaFunctionArn",
                other["LambdaFunctionArn"],
            )


def _shared(one: str, other: str) -> bool:
    return (
        one == other
        or (one.endswith("*") and other.startswith(one[:-1]))
        or (other.endswith("*") and one.startswith(other[:-1]))
    )
