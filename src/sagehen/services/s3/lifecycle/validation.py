"""Lifecycle rules as clients put them: checked in AWS's words, and made fit to be stored.

Recorded: the malformed ones, unique ids, midnight, duplicate tags. The other words are from documentation and
memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.s3.errors.objects import InvalidTag
from sagehen.services.s3.errors.requests import InvalidArgument, InvalidRequest, MalformedXML
from sagehen.services.s3.lifecycle.rules import CLASSES, size_bounds
from sagehen.services.s3.tagging.tag_sets import OBJECT_TAGS

# Documented: PutBucketLifecycleConfiguration; the ID's length: LifecycleRule.
_RULES = 1000
_ID_LENGTH = 255
_ACTIONS = (
    "Expiration",
    "Transitions",
    "NoncurrentVersionTransitions",
    "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
)
# Documented: NoncurrentVersionExpiration, NewerNoncurrentVersions.
_KEPT_VERSIONS = 100
# Of a key: no object has a longer one (from memory for rules).
_PREFIX_BYTES = 1024
# Documented: Transitioning objects using Amazon S3 Lifecycle, constraints and considerations.
_LEAST_DAYS = {"STANDARD_IA": 30, "ONEZONE_IA": 30}


def checked_rules(rules: Sequence[Mapping[str, Any]], new_id: Any) -> list[dict[str, Any]]:
    """Return rules as they are stored: with ids, and dates as text.

    Args:
        new_id: Makes an id for a rule without one.

    Raises:
        MalformedXML, InvalidArgument, InvalidRequest.
        NotImplementedOperation: A transition to an archive.
    """
    if not 1 <= len(rules) <= _RULES:
        raise MalformedXML()
    seen: set[str] = set()
    kept = []
    for rule in rules:
        name = rule.get("ID") or new_id()
        if len(name) > _ID_LENGTH:
            raise InvalidArgument("ID length should not exceed allowed limit of 255", "ID", name)
        if name in seen:
            text = "Rule ID must be unique. Found same ID for more than one rule"
            raise InvalidArgument(text, "ID", name)
        seen.add(name)
        _check(rule)
        kept.append({**_with_texts(rule), "ID": name})
    return kept


def _check(rule: Mapping[str, Any]) -> None:
    wanted = rule.get("Filter")
    if (wanted is None) == (rule.get("Prefix") is None):
        raise MalformedXML()
    if rule.get("Status") not in ("Enabled", "Disabled") or len(wanted or {}) > 1:
        raise MalformedXML()
    if not any(rule.get(action) is not None for action in _ACTIONS):
        raise InvalidRequest("At least one action needs to be specified in a rule")
    _check_filter(rule, wanted or {})
    _check_expiration(rule.get("Expiration"))
    _check_noncurrent(rule.get("NoncurrentVersionExpiration"), "NoncurrentVersionExpiration")
    _check_classes(rule, "NoncurrentVersionTransition")
    for action in rule.get("NoncurrentVersionTransitions") or ():
        _check_class(action)
        _check_noncurrent(action, "NoncurrentVersionTransition")
    _check_transitions(rule)
    abortion = rule.get("AbortIncompleteMultipartUpload")
    if abortion is not None:
        if abortion.get("DaysAfterInitiation") is None:
            raise MalformedXML()
        if abortion["DaysAfterInitiation"] <= 0:
            raise _not_positive("DaysAfterInitiation", "AbortIncompleteMultipartUpload", abortion)


def _check_filter(rule: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    both = wanted.get("And")
    tags = [*([wanted["Tag"]] if wanted.get("Tag") else []), *((both or {}).get("Tags") or [])]
    _check_bounds(rule.get("Prefix") or wanted.get("Prefix") or (both or {}).get("Prefix") or "", tags)
    keys = [tag["Key"] for tag in tags]
    if len(set(keys)) < len(keys):
        raise InvalidRequest("Duplicate Tag Keys are not allowed.")
    if both is not None and len(keys) + len(both) - (1 if "Tags" in both else 0) < 2:
        raise MalformedXML()  # an And joins two conditions at least
    low, high = size_bounds(rule)
    if low is not None and high is not None and low >= high:
        raise InvalidRequest("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.")
    sized = low is not None or high is not None
    if rule.get("AbortIncompleteMultipartUpload") is not None and (tags or sized):
        kind = "Tags" if tags else "Object Size"
        raise InvalidRequest(f"AbortIncompleteMultipartUpload cannot be specified with {kind}.")
    if (rule.get("Expiration") or {}).get("ExpiredObjectDeleteMarker") and (tags or sized):
        kind = "Tags" if tags else "Object Size"
        raise InvalidRequest(f"ExpiredObjectDeleteMarker cannot be specified with {kind}.")


def _check_bounds(prefix: str, tags: Sequence[Mapping[str, str]]) -> None:
    """Refuse what no object could fit: every request of an object compares it. From memory."""
    if len(prefix.encode()) > _PREFIX_BYTES:
        raise InvalidRequest(f"The maximum size of a prefix is {_PREFIX_BYTES}.")
    if any("Key" not in tag or "Value" not in tag for tag in tags):
        raise MalformedXML()
    if len(tags) > OBJECT_TAGS:
        raise InvalidRequest(f"A rule cannot name more than {OBJECT_TAGS} tags.")
    for tag in tags:
        if len(tag["Key"]) > 128:
            raise InvalidTag("The TagKey you have provided is invalid", TagKey=tag["Key"])
        if len(tag["Value"]) > 256:
            raise InvalidTag("The TagValue you have provided is invalid", **{f"Tag{n}": tag[n] for n in tag})


def _check_expiration(action: Mapping[str, Any] | None) -> None:
    if action is None:
        return
    given = [name for name in ("Days", "Date", "ExpiredObjectDeleteMarker") if action.get(name) is not None]
    if len(given) != 1:
        raise MalformedXML()
    if action.get("Days") is not None and action["Days"] <= 0:
        raise InvalidArgument(
            "'Days' for Expiration action must be a positive integer", "Days", action["Days"]
        )
    _check_date(action)


def _check_date(action: Mapping[str, Any]) -> None:
    at: datetime | None = action.get("Date")
    if at is None:
        return
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    if at.time() != datetime.min.time():
        raise InvalidArgument("'Date' must be at midnight GMT", "Date", at.isoformat())


def _check_noncurrent(action: Mapping[str, Any] | None, name: str) -> None:
    if action is None:
        return
    if action.get("NoncurrentDays") is None:
        raise MalformedXML()
    if action["NoncurrentDays"] <= 0 and name == "NoncurrentVersionExpiration":
        raise _not_positive("NoncurrentDays", name, action)
    kept = action.get("NewerNoncurrentVersions")
    if kept is not None and not 1 <= kept <= _KEPT_VERSIONS:
        raise InvalidArgument(
            f"'NewerNoncurrentVersions' for {name} action must be a positive integer between 1 and "
            f"{_KEPT_VERSIONS}",
            "NewerNoncurrentVersions",
            kept,
        )


def _check_transitions(rule: Mapping[str, Any]) -> None:
    _check_classes(rule, "Transition")
    for action in rule.get("Transitions") or ():
        _check_class(action)
        if (action.get("Days") is None) == (action.get("Date") is None):
            raise MalformedXML()
        if action.get("Days") is not None:
            least = _LEAST_DAYS.get(action["StorageClass"], 0)
            if action["Days"] < least:
                raise InvalidArgument(
                    f"'Days' in Transition action must be greater than or equal to {least} for storageClass "
                    f"'{action['StorageClass']}'",
                    "Days",
                    action["Days"],
                )
        _check_date(action)


def _check_classes(rule: Mapping[str, Any], kind: str) -> None:
    classes = [action.get("StorageClass") for action in rule.get(f"{kind}s") or ()]
    if len(set(classes)) < len(classes):
        raise InvalidRequest(f"'StorageClass' must be different for '{kind}' actions in same 'Rule'")


def _check_class(action: Mapping[str, Any]) -> None:
    wanted = action.get("StorageClass")
    if wanted in ("GLACIER", "DEEP_ARCHIVE"):
        raise NotImplementedOperation("Archive storage classes are not implemented: objects stay readable.")
    if wanted not in CLASSES[2:]:
        raise MalformedXML()


def _not_positive(member: str, action_name: str, action: Mapping[str, Any]) -> InvalidArgument:
    text = f"'{member}' for {action_name} action must be a positive integer"
    return InvalidArgument(text, member, action[member])


def _with_texts(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule as JSON can hold it."""
    kept = dict(rule)
    if rule.get("Expiration") is not None:
        kept["Expiration"] = _with_text(rule["Expiration"])
    if rule.get("Transitions") is not None:
        kept["Transitions"] = [_with_text(action) for action in rule["Transitions"]]
    return kept


def _with_text(action: Mapping[str, Any]) -> dict[str, Any]:
    at: datetime | None = action.get("Date")
    if at is None:
        return dict(action)
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return {**action, "Date": at.isoformat()}


def shown_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored rule as GetBucketLifecycleConfiguration shows it."""
    shown = dict(rule)
    if "Expiration" in shown:
        shown["Expiration"] = _with_date(shown["Expiration"])
    if "Transitions" in shown:
        shown["Transitions"] = [_with_date(action) for action in shown["Transitions"]]
    return shown


def _with_date(action: Mapping[str, Any]) -> dict[str, Any]:
    text = action.get("Date")
    return dict(action) if text is None else {**action, "Date": datetime.fromisoformat(text)}
