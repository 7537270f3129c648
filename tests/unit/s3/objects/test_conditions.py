"""Conditions of reads, writes and completions, and their precedence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.s3.objects.conditions import (
    Outcome,
    check_completion,
    check_read,
    check_write,
    matches,
)

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
EARLY, LATE = WHEN - timedelta(days=1), WHEN + timedelta(days=1)
AHEAD = LATE + timedelta(seconds=1)
PROCEED, NOT_MODIFIED = Outcome.PROCEED, Outcome.NOT_MODIFIED


@pytest.mark.parametrize(
    ("request_members", "outcome"),
    [
        ({}, PROCEED),
        ({"IfMatch": '"a"'}, PROCEED),
        ({"IfMatch": '"b"'}, "If-Match"),
        ({"IfMatch": '"a"', "IfUnmodifiedSince": EARLY}, PROCEED),  # the ETag wins over the moment
        ({"IfUnmodifiedSince": WHEN}, PROCEED),
        ({"IfUnmodifiedSince": EARLY}, "If-Unmodified-Since"),
        ({"IfNoneMatch": "a"}, NOT_MODIFIED),
        ({"IfNoneMatch": "*"}, NOT_MODIFIED),
        ({"IfNoneMatch": '"b"', "IfModifiedSince": LATE}, PROCEED),
        ({"IfNoneMatch": '"a"', "IfModifiedSince": EARLY}, NOT_MODIFIED),
        ({"IfModifiedSince": EARLY}, PROCEED),
        ({"IfModifiedSince": WHEN}, NOT_MODIFIED),
        ({"IfModifiedSince": LATE}, NOT_MODIFIED),
        ({"IfModifiedSince": AHEAD}, PROCEED),  # a date in the future says nothing
        ({"IfMatch": '"a"', "IfNoneMatch": '"a"'}, NOT_MODIFIED),
        ({"IfMatch": '"b"', "IfNoneMatch": '"a"'}, "If-Match"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "CopySource"])
def test_reads(request_members: dict[str, Any], outcome: Outcome | str, prefix: str) -> None:
    asked = {prefix + name: value for name, value in request_members.items()}
    if isinstance(outcome, Outcome):
        assert check_read(asked, '"a"', WHEN, LATE, prefix) is outcome
        return
    with pytest.raises(ServiceError) as refused:
        check_read(asked, '"a"', WHEN, LATE, prefix)
    name = f"x-amz-copy-source-{outcome}" if prefix else outcome
    assert (refused.value.code, refused.value.members["Condition"]) == ("PreconditionFailed", name)


WRITES = [
    ({}, None, None),
    ({}, '"a"', None),
    ({"IfNoneMatch": "*"}, None, None),
    ({"IfNoneMatch": "*"}, '"a"', "PreconditionFailed"),
    ({"IfNoneMatch": '"a"'}, None, "NotImplemented"),
    ({"IfMatch": '"a"'}, '"a"', None),
    ({"IfMatch": "a"}, '"a"', None),
    ({"IfMatch": '"b"'}, '"a"', "PreconditionFailed"),
    ({"IfMatch": '"b"'}, None, "NoSuchKey"),
    ({"IfMatch": "*"}, '"a"', "NotImplemented"),
]


@pytest.mark.parametrize(("request_members", "current", "code"), WRITES)
def test_writes(request_members: dict[str, str], current: str | None, code: str | None) -> None:
    if code is None:
        check_write(request_members, "k", current)
        return
    with pytest.raises(ServiceError) as refused:
        check_write(request_members, "k", current)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("request_members", "current", "existed", "code"),
    [
        *((asked, current and (current, 5), bool(current), code) for asked, current, code in WRITES),
        ({"IfMatch": '"a"'}, ('"a"', 10), True, None),  # of the moment of the beginning
        ({"IfMatch": '"a"'}, ('"a"', 11), True, "ConditionalRequestConflict"),
        ({"IfNoneMatch": "*"}, None, True, "ConditionalRequestConflict"),  # deleted meanwhile
        ({"IfNoneMatch": "*"}, ('"a"', 11), False, "PreconditionFailed"),
    ],
)
def test_completions(
    request_members: dict[str, str], current: tuple[str, int] | None, existed: bool, code: str | None
) -> None:
    if code is None:
        check_completion(request_members, "k", current, 10, existed)
        return
    with pytest.raises(ServiceError) as refused:
        check_completion(request_members, "k", current, 10, existed)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ('"a"', True),
        ("a", True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ("*", True),
        ('"b"', False),
        ("", False),
    ],
)
def test_lists_of_tags(header: str, named: bool) -> None:
    assert matches(header, '"a"') == named
