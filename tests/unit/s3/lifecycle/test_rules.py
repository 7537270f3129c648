"""What rules decide, with the present passed in; and that it is done."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.s3.errors.objects import NoSuchKey
from sagehen.services.s3.lifecycle import rules as lifecycle_rules
from sagehen.services.s3.lifecycle.rules import Candidate, Decision, Step, due, enabled, next_expiration
from sagehen.services.s3.lifecycle.validation import checked_rules
from tests.unit.s3.conftest import S3
from tests.unit.s3.events.test_annotations import ARN, Heard

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def rule(**members: Any) -> dict[str, Any]:
    return {"ID": "r", "Status": "Enabled", "Filter": {}, **members}


def decide(rules: list[dict[str, Any]], found: Candidate, now: datetime) -> Decision | None:
    return lifecycle_rules.decide(enabled(rules), found, now)


def version(**members: Any) -> Candidate:
    return Candidate(**{
        "key": "logs/a", "size": 10, "modified": NOON, "storage_class": "STANDARD", "tags": {}, **members
    })  # fmt: skip


def test_days_end_at_the_midnight_that_follows() -> None:
    assert due(NOON, 1) == datetime(2026, 3, 3, tzinfo=UTC)  # AWS's page: 10:30 and 3 days are the 19th
    assert due(datetime(2014, 1, 15, 10, 30, tzinfo=UTC), 3) == datetime(2014, 1, 19, tzinfo=UTC)
    assert due(NOON, 2**31 - 1) == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "expires"),
    [
        ({}, True),
        ({"Prefix": "logs/"}, True),
        ({"Prefix": "data/"}, False),
        ({"Tag": {"Key": "kind", "Value": "old"}}, True),
        ({"Tag": {"Key": "kind", "Value": "new"}}, False),
        ({"ObjectSizeGreaterThan": 10}, False),
        ({"ObjectSizeLessThan": 11}, True),
        ({"And": {"Prefix": "logs/", "Tags": [{"Key": "kind", "Value": "old"}]}}, True),
        ({"And": {"Prefix": "logs/", "ObjectSizeGreaterThan": 9, "ObjectSizeLessThan": 10}}, False),
    ],
)
def test_filters(wanted: dict[str, Any], expires: bool) -> None:
    rules = [rule(Filter=wanted, Expiration={"Days": 1})]
    found = version(tags={"kind": "old"})
    assert decide(rules, found, NOON + DAY) is None
    assert (decide(rules, found, due(NOON, 1)) == Decision(Step.EXPIRE)) == expires
    assert (next_expiration(enabled(rules), found) is not None) == expires
    assert decide([{**rules[0], "Status": "Disabled"}], found, NOON + 9 * DAY) is None


OLD = {"noncurrent_since": NOON}
LATER = NOON + 9 * DAY
NONCURRENT = {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 2}}
EXPIRED_MARKERS = {"Expiration": {"ExpiredObjectDeleteMarker": True}}
ONE_DAY = {"Expiration": {"Days": 1}}
MARKER, LONELY = {"is_marker": True}, {"is_marker": True, "alone": True}
COLD = {"Transitions": [{"Days": 0, "StorageClass": "GLACIER_IR"}]}
COLDER = {"Transitions": [{"Days": 0, "StorageClass": name} for name in ("GLACIER_IR", "STANDARD_IA")]}
OLD_COLD = {"NoncurrentVersionTransitions": [
    {"NoncurrentDays": 1, "StorageClass": "GLACIER_IR", "NewerNoncurrentVersions": 1}
]}  # fmt: skip
LARGE = {"size": 200_000}
EXPIRE, DELETE, MOVE = Decision(Step.EXPIRE), Decision(Step.DELETE), Decision(Step.MOVE, "GLACIER_IR")


@pytest.mark.parametrize(
    ("actions", "found", "now", "decision"),
    [
        # Noncurrent versions: so many are kept, whatever their age.
        (NONCURRENT, {}, LATER, None),
        (NONCURRENT, {**OLD, "newer_noncurrent": 1}, LATER, None),
        (NONCURRENT, {**OLD, "newer_noncurrent": 2}, LATER, DELETE),
        (NONCURRENT, {**OLD, "newer_noncurrent": 2}, NOON + DAY, None),
        (ONE_DAY, OLD, LATER, None),  # the current object alone
        # Delete markers: those that hide nothing.
        (EXPIRED_MARKERS, MARKER, NOON, None),
        (EXPIRED_MARKERS, LONELY, NOON, DELETE),
        (ONE_DAY, LONELY, NOON, None),
        (ONE_DAY, LONELY, LATER, DELETE),
        (ONE_DAY, MARKER, LATER, None),
        # Current objects.
        (ONE_DAY, {}, due(NOON, 1) - timedelta(microseconds=1), None),
        (ONE_DAY, {}, due(NOON, 1), EXPIRE),
        ({"Expiration": {"Date": "2026-03-05T00:00:00+00:00"}}, {}, NOON + 3 * DAY, None),
        ({"Expiration": {"Date": "2026-03-05T00:00:00+00:00"}}, {}, NOON + 4 * DAY, EXPIRE),
        # Transitions: downwards, to the coldest that is due, and not of small objects.
        (COLD, LARGE, NOON + DAY, MOVE),
        (COLD, LARGE, NOON, None),
        (COLD, {}, NOON + DAY, None),
        (COLD, {"size": 128 * 1024}, NOON + DAY, MOVE),
        (COLD, {"size": 128 * 1024 - 1}, NOON + DAY, None),
        (COLD, {**LARGE, "storage_class": "GLACIER_IR"}, NOON + DAY, None),
        (COLDER, LARGE, NOON + DAY, MOVE),
        ({**COLD, "Filter": {"ObjectSizeGreaterThan": 1}}, {}, NOON + DAY, MOVE),  # it says which are small
        ({**ONE_DAY, **COLD}, LARGE, LATER, EXPIRE),  # what goes is not moved before
        (OLD_COLD, {**LARGE, **OLD, "newer_noncurrent": 1}, LATER, MOVE),
        (OLD_COLD, {**LARGE, **OLD}, LATER, None),
        (OLD_COLD, {**LARGE, **OLD, "newer_noncurrent": 1}, NOON + DAY, None),
        (OLD_COLD, {**LARGE, **OLD, **MARKER, "newer_noncurrent": 1}, LATER, None),
    ],
)
def test_decisions(
    actions: dict[str, Any], found: dict[str, Any], now: datetime, decision: Decision | None
) -> None:
    assert decide([rule(**actions)], version(**found), now) == decision


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({"Filter": None}, "MalformedXML", "published schema"),
        ({"Filter": {"Prefix": "a", "ObjectSizeLessThan": 5}}, "MalformedXML", "published schema"),
        ({"Status": "On"}, "MalformedXML", "published schema"),
        ({"Expiration": None}, "InvalidRequest", "At least one action needs to be specified in a rule"),
        ({"Expiration": {"Days": 0}}, "InvalidArgument", "must be a positive integer"),
        ({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}}, "MalformedXML", "schema"),
        ({"Expiration": {"Date": NOON}}, "InvalidArgument", "'Date' must be at midnight GMT"),
        ({"NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 1}}, "MalformedXML", "schema"),
        ({"Filter": {"And": {"Prefix": "a", "Tags": [{"Key": "a", "Value": "1"}] * 2}}},
         "InvalidRequest", "Duplicate Tag Keys are not allowed."),
        ({"Transitions": [{"Days": 1, "StorageClass": "STANDARD_IA"}]}, "InvalidArgument", "equal to 30"),
        ({"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}, "NotImplemented", "Archive"),
        ({"Filter": {"Prefix": "p" * 1025}}, "InvalidRequest", "The maximum size of a prefix is 1024."),
        ({"Filter": {"Tag": {"Key": "k"}}}, "MalformedXML", "published schema"),
        ({"Filter": {"Tag": {"Key": "k", "Value": "v" * 257}}}, "InvalidTag", "TagValue"),
        ({"Filter": {"And": {"Tags": [{"Key": str(n), "Value": ""} for n in range(11)]}}},
         "InvalidRequest", "more than 10 tags"),
        ({"NoncurrentVersionTransitions": [{"NoncurrentDays": 1, "StorageClass": "GLACIER_IR"}] * 2},
         "InvalidRequest", "must be different for 'NoncurrentVersionTransition' actions"),
        ({"ID": "x" * 256}, "InvalidArgument", "ID length should not exceed allowed limit of 255"),
    ],
)  # fmt: skip
def test_refused_rules(members: dict[str, Any], code: str, message: str) -> None:
    wanted = {"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}, **members}
    with pytest.raises(ServiceError) as refused:
        checked_rules([wanted], lambda: "new")
    assert refused.value.code == code and message in refused.value.message


async def put_rules(s3: S3, *rules: dict[str, Any]) -> None:
    configuration = {"Rules": list(rules)}
    await s3("PutBucketLifecycleConfiguration", Bucket="birds", LifecycleConfiguration=configuration)


async def sweep(s3: S3, days: float = 0) -> None:
    # What looks every few seconds would be woken for each of those days.
    await s3.service.lifecycles.stop()
    await s3.service.access_logs.stop()
    await s3.clock.advance(days * 86400)
    await s3.service.lifecycles.do_what_is_due()


async def keys(s3: S3) -> list[str]:
    return [entry["Key"] for entry in (await s3("ListObjectsV2", Bucket="birds")).get("Contents", [])]


async def test_as_many_rules_as_there_may_be_hold_nobody_up(s3: S3) -> None:
    """Their text is read once, and those of the sweep's comparisons that come at once are counted."""
    tags = [{"Key": f"{number:0128}", "Value": "v" * 256} for number in range(10)]
    wanted = {"And": {"Prefix": "l" * 900, "Tags": tags}}
    await put_rules(s3, *(rule(ID=f"{n:0255}", Filter=wanted, Expiration={"Days": 1}) for n in range(1000)))
    for number in range(5):
        await s3("PutObject", Bucket="birds", Key=f"{number}", Body=b"")
    loads, parsed = json.loads, 0

    def counted(text: Any, **options: Any) -> Any:
        nonlocal parsed
        parsed += len(text) > 1_000_000
        return loads(text, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sagehen.services.s3.records.buckets.json.loads", counted)
        for number in range(5):
            await s3("GetObject", Bucket="birds", Key=f"{number}")
        assert parsed <= 1
    turn, seen_at = [0], []

    def decided(*arguments: Any) -> Decision | None:
        seen_at.append(turn[0])
        return lifecycle_rules.decide(*arguments)

    async def count() -> None:
        while True:
            turn[0] += 1
            await asyncio.sleep(0)

    await s3.service.lifecycles.stop()
    s3.service.lifecycles.forget()  # whether or not its own look came first
    counting = asyncio.create_task(count())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sagehen.services.s3.lifecycle.loop.decide", decided)
        await s3.service.lifecycles.do_what_is_due()
    counting.cancel()
    assert len(seen_at) == 5 and len(set(seen_at)) > 1, "the loop was held for all of them at once"


async def test_objects_expire(s3: S3) -> None:
    for key in ("logs/a", "logs/b", "data/a"):
        await s3("PutObject", Bucket="birds", Key=key, Body=b"x")
    await put_rules(s3, rule(Filter={"Prefix": "logs/"}, Expiration={"Days": 1}))
    head = await s3("HeadObject", Bucket="birds", Key="logs/a")
    assert head["Expiration"].endswith('00:00:00 GMT", rule-id="r"')
    assert "Expiration" not in await s3("HeadObject", Bucket="birds", Key="data/a")
    await sweep(s3)
    assert await keys(s3) == ["data/a", "logs/a", "logs/b"]
    await sweep(s3, days=2)
    assert await keys(s3) == ["data/a"]
    with pytest.raises(NoSuchKey):
        await s3("GetObject", Bucket="birds", Key="logs/a")


async def test_versions_expire_one_after_the_other(s3: S3) -> None:
    await s3("PutBucketVersioning", Bucket="birds", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2", b"3"):
        await s3("PutObject", Bucket="birds", Key="k", Body=body)
        await s3.clock.advance(60)
    await put_rules(s3, rule(Expiration={"Days": 1}, NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    await sweep(s3, days=2)
    listed = await s3("ListObjectVersions", Bucket="birds")
    assert len(listed["DeleteMarkers"]) == 1 and [one["Size"] for one in listed["Versions"]] == [1]
    await sweep(s3, days=2)  # the last version goes; a day later the marker is alone
    await sweep(s3, days=1)
    listed = await s3("ListObjectVersions", Bucket="birds")
    assert not listed.get("Versions") and not listed.get("DeleteMarkers")


async def test_more_versions_than_a_page(s3: S3) -> None:
    await s3("PutBucketVersioning", Bucket="birds", VersioningConfiguration={"Status": "Enabled"})
    for number in range(520):
        await s3("PutObject", Bucket="birds", Key="k", Body=b"%d" % number)
    await put_rules(s3, rule(NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 3}))
    await sweep(s3, days=2)
    listed = await s3("ListObjectVersions", Bucket="birds")
    assert len(listed["Versions"]) == 4
    assert await s3.read("birds", "k") == b"519"


async def test_uploads_are_aborted_and_say_so(s3: S3) -> None:
    await put_rules(s3, rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1}))
    begun = await s3("CreateMultipartUpload", Bucket="birds", Key="k")
    assert begun["AbortRuleId"] == "r" and begun["AbortDate"] > s3.clock.now()
    await sweep(s3, days=2)
    assert not (await s3("ListMultipartUploads", Bucket="birds")).get("Uploads")


async def test_classes_change(s3: S3) -> None:
    await s3("PutObject", Bucket="birds", Key="k", Body=b"x" * 200_000)
    await put_rules(s3, rule(Transitions=[{"Days": 30, "StorageClass": "STANDARD_IA"}]))
    await sweep(s3, days=31)
    assert (await s3("HeadObject", Bucket="birds", Key="k"))["StorageClass"] == "STANDARD_IA"
    assert len(await s3.read("birds", "k")) == 200_000


async def test_functions_are_told_what_expired(s3: S3) -> None:
    heard = s3.service.events.notifier = Heard()
    events = ["s3:LifecycleExpiration:*", "s3:ObjectRemoved:*"]
    wanted = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": ARN, "Events": events}]}
    await s3("PutBucketNotificationConfiguration", Bucket="birds", NotificationConfiguration=wanted)
    await s3("PutObject", Bucket="birds", Key="k", Body=b"x")
    await put_rules(s3, rule(Expiration={"Days": 1}))
    await sweep(s3, days=2)
    await s3("PutBucketVersioning", Bucket="birds", VersioningConfiguration={"Status": "Enabled"})
    await s3("PutObject", Bucket="birds", Key="k", Body=b"x")
    await sweep(s3, days=2)
    assert [event["eventName"] for event in heard.events] == [
        "LifecycleExpiration:Delete",
        "LifecycleExpiration:DeleteMarkerCreated",
    ]
