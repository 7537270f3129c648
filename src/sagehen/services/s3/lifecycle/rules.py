"""What lifecycle rules make of a version: pure, from rules, version and the present.

Days end at midnight UTC: an object of 10:30 with one day expires at the midnight after the next.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

# Objects below do not change their class by default: it would cost more than it saves.
# Documented: PutBucketLifecycleConfiguration, TransitionDefaultMinimumObjectSize.
_SMALL_BYTES = 128 * 1024
# From warm to cold: a transition goes only downwards.
CLASSES = (
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
)


class Step(Enum):
    """What happens to a version."""

    EXPIRE = "expire"  # the current object goes, or gets a delete marker
    DELETE = "delete"  # a version goes for good
    MOVE = "move"  # to another storage class


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version as rules look at it.

    Args:
        noncurrent_since: When the next newer version came; None for the latest.
        newer_noncurrent: How many noncurrent versions are newer.
        alone: A delete marker with nothing below it.
    """

    key: str
    size: int
    modified: datetime
    storage_class: str
    tags: Mapping[str, str]
    is_marker: bool = False
    noncurrent_since: datetime | None = None
    newer_noncurrent: int = 0
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done to a version; `storage_class` is where a MOVE leads."""

    step: Step
    storage_class: str = ""


def due(since: datetime, days: int) -> datetime:
    """Return when `days` after a moment are over: at the midnight that follows."""
    day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        return day + timedelta(days=days + 1)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def moment_of(action: Mapping[str, Any], since: datetime) -> datetime | None:
    """Return when an action with Days or Date is due; None where it has neither."""
    if action.get("Days") is not None:
        return due(since, action["Days"])
    return None if action.get("Date") is None else datetime.fromisoformat(action["Date"])


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, taken apart as far as every request of an object asks for it: there may be a thousand.

    Args:
        larger, smaller: Than so many bytes; None where the filter does not say.
        days, date: When current objects expire: after days, at a date, or never by this rule.
        actions: The rule as it is stored.
    """

    id: str
    prefix: str
    tags: tuple[tuple[str, str], ...]
    larger: int | None
    smaller: int | None
    days: int | None
    date: datetime | None
    actions: Mapping[str, Any]


def enabled(rules: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return those of the stored rules that hold."""
    return tuple(_taken_apart(rule) for rule in rules if rule["Status"] == "Enabled")


def _taken_apart(rule: Mapping[str, Any]) -> Rule:
    wanted = rule.get("Filter") or {}
    both = wanted.get("And") or {}
    prefix = rule.get("Prefix") or wanted.get("Prefix") or both.get("Prefix") or ""
    tags = [*([wanted["Tag"]] if wanted.get("Tag") else []), *(both.get("Tags") or [])]
    pairs = tuple((tag["Key"], tag["Value"]) for tag in tags)
    action = rule.get("Expiration") or {}
    date = None if action.get("Date") is None else datetime.fromisoformat(action["Date"])
    return Rule(str(rule["ID"]), prefix, pairs, *size_bounds(rule), action.get("Days"), date, rule)


def is_about(rule: Rule, version: Candidate) -> bool:
    """Tell whether a rule's filter takes a version."""
    if not version.key.startswith(rule.prefix):
        return False
    if any(version.tags.get(name) != value for name, value in rule.tags):
        return False
    if rule.larger is None and rule.smaller is None:
        return True
    # A delete marker has no size that a filter could compare.
    return (
        not version.is_marker
        and (rule.larger is None or version.size > rule.larger)
        and (rule.smaller is None or version.size < rule.smaller)
    )


def size_bounds(rule: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return what a rule's objects are larger and smaller than."""
    wanted = rule.get("Filter") or {}
    both = wanted.get("And") or {}
    bounds = [
        wanted.get(name) if wanted.get(name) is not None else both.get(name)
        for name in ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
    ]
    return bounds[0], bounds[1]


def decide(rules: Sequence[Rule], version: Candidate, now: datetime) -> Decision | None:
    """Return what is to happen to a version now. What deletes goes before what moves."""
    fitting = [rule for rule in rules if is_about(rule, version)]
    if version.noncurrent_since is not None:
        if any(_noncurrent_is_over(rule, version, now) for rule in fitting):
            return Decision(Step.DELETE)
        return (
            None if version.is_marker else _move(_noncurrent_moves(fitting, version, now), version, fitting)
        )
    if version.is_marker:
        over = version.alone and any(_marker_is_over(rule, version, now) for rule in fitting)
        return Decision(Step.DELETE) if over else None
    expiration = _soonest(fitting, version)
    if expiration is not None and expiration[0] <= now:
        return Decision(Step.EXPIRE)
    return _move(_moves(fitting, version, now), version, fitting)


def _noncurrent_is_over(rule: Rule, version: Candidate, now: datetime) -> bool:
    action = rule.actions.get("NoncurrentVersionExpiration")
    if action is None or version.noncurrent_since is None:
        return False
    kept = action.get("NewerNoncurrentVersions") or 0
    return version.newer_noncurrent >= kept and due(version.noncurrent_since, action["NoncurrentDays"]) <= now


def _marker_is_over(rule: Rule, version: Candidate, now: datetime) -> bool:
    """A marker that hides nothing goes when it is asked for, and when it is as old as the rule's Days."""
    action = rule.actions.get("Expiration") or {}
    if action.get("ExpiredObjectDeleteMarker"):
        return True
    return action.get("Days") is not None and due(version.modified, action["Days"]) <= now


def _moves(rules: Sequence[Rule], version: Candidate, now: datetime) -> Iterator[str]:
    for rule in rules:
        for action in rule.actions.get("Transitions") or ():
            at = moment_of(action, version.modified)
            if at is not None and at <= now:
                yield action["StorageClass"]


def _noncurrent_moves(rules: Sequence[Rule], version: Candidate, now: datetime) -> Iterator[str]:
    for rule in rules:
        for action in rule.actions.get("NoncurrentVersionTransitions") or ():
            kept = action.get("NewerNoncurrentVersions") or 0
            assert version.noncurrent_since is not None
            is_due = due(version.noncurrent_since, action["NoncurrentDays"]) <= now
            if is_due and version.newer_noncurrent >= kept:
                yield action["StorageClass"]


def _move(classes: Iterator[str], version: Candidate, rules: Sequence[Rule]) -> Decision | None:
    coldest = max(classes, key=CLASSES.index, default=None)
    if coldest is None or CLASSES.index(coldest) <= CLASSES.index(version.storage_class):
        return None
    # A filter by size takes the place of the default minimum.
    if version.size < _SMALL_BYTES and all(rule.larger is None for rule in rules):
        return None
    return Decision(Step.MOVE, coldest)


def next_expiration(rules: Sequence[Rule], version: Candidate) -> tuple[datetime, str] | None:
    """Return when a current object will expire, and by which rule."""
    return _soonest([rule for rule in rules if is_about(rule, version)], version)


def _soonest(fitting: Sequence[Rule], version: Candidate) -> tuple[datetime, str] | None:
    days = min(((rule.days, rule.id) for rule in fitting if rule.days is not None), default=None)
    dates = [(rule.date, rule.id) for rule in fitting if rule.date is not None]
    if days is not None:
        dates.append((due(version.modified, days[0]), days[1]))
    return min(dates, default=None)


def next_abortion(rules: Sequence[Rule], key: str, initiated: datetime) -> tuple[datetime, str] | None:
    """Return when an unfinished upload will be aborted, and by which rule."""
    upload = Candidate(key, 0, initiated, "STANDARD", {})
    found = [
        (due(initiated, action["DaysAfterInitiation"]), rule.id)
        for rule in rules
        if (action := rule.actions.get("AbortIncompleteMultipartUpload")) and is_about(rule, upload)
    ]
    return min(found, default=None)
