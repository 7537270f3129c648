"""Conditions of reads and writes, and their precedence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sagehen.services.s3.errors.objects import NoSuchKey, PreconditionFailed
from sagehen.services.s3.objects.conditions import Outcome, check_read, check_write

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def test_read_conditions_and_their_precedence() -> None:
    early, late = WHEN - timedelta(days=1), WHEN + timedelta(days=1)
    assert check_read({"IfMatch": '"a"', "IfUnmodifiedSince": early}, '"a"', WHEN, late) is Outcome.PROCEED
    assert check_read({"IfNoneMatch": '"b"', "IfModifiedSince": late}, '"a"', WHEN, late) is Outcome.PROCEED
    assert check_read({"IfNoneMatch": "a"}, '"a"', WHEN, late) is Outcome.NOT_MODIFIED
    assert check_read({"IfModifiedSince": WHEN}, '"a"', WHEN, late) is Outcome.NOT_MODIFIED
    with pytest.raises(PreconditionFailed):
        check_read({"IfMatch": '"b"'}, '"a"', WHEN, late)
    with pytest.raises(PreconditionFailed):
        check_read({"IfUnmodifiedSince": early}, '"a"', WHEN, late)
    ahead = {"IfModifiedSince": late + timedelta(seconds=1)}
    assert check_read(ahead, '"a"', WHEN, late) is Outcome.PROCEED  # a date in the future says nothing


def test_write_conditions() -> None:
    check_write({"IfNoneMatch": "*"}, "k", None)
    check_write({"IfMatch": '"a"'}, "k", '"a"')
    with pytest.raises(PreconditionFailed):
        check_write({"IfNoneMatch": "*"}, "k", '"a"')
    with pytest.raises(PreconditionFailed):
        check_write({"IfMatch": '"b"'}, "k", '"a"')
    with pytest.raises(NoSuchKey):
        check_write({"IfMatch": '"b"'}, "k", None)
