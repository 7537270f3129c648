"""What a request for a session may ask."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from sagehen.domain.identity import ANONYMOUS, Principal, PrincipalKind
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.errors import InvalidParameterValue, PackedPolicyTooLarge, ValidationError
from sagehen.services.iam.sessions.parameters import (
    check_duration,
    packed_size,
    require_arn,
    session_tags,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOB = Principal(PrincipalKind.USER, "arn:aws:iam::123456789012:user/bob", "123456789012", "AIDABOB", "bob")
CHAINED = Principal(PrincipalKind.ASSUMED_ROLE, "arn:aws:sts::123456789012:assumed-role/a/s", "123456789012")


def role(max_session_s: int) -> Entity:
    return Entity("123456789012", Kind.ROLE, "r", "/", "AROAR", NOW, NOW, max_session_s=max_session_s)


def outcome(refused: str) -> AbstractContextManager[object]:
    return pytest.raises(ValidationError, match=refused) if refused else nullcontext()


@pytest.mark.parametrize(
    ("caller", "longest_s", "asked_s", "refused"),
    [
        (BOB, 3600, 3600, ""),
        (BOB, 3600, 3601, "MaxSessionDuration"),
        (BOB, 43200, 43200, ""),
        (BOB, 43200, 43201, "MaxSessionDuration"),
        (CHAINED, 43200, 3600, ""),
        (CHAINED, 43200, 3601, "role chaining"),
        (ANONYMOUS, 7200, 7200, ""),
    ],
)
def test_how_long(caller: Principal, longest_s: int, asked_s: int, refused: str) -> None:
    with outcome(refused):
        check_duration(caller, role(longest_s), asked_s)


@pytest.mark.parametrize(
    ("arn", "refused"),
    [
        ("arn:aws:iam::123456789012:role/r", ""),
        ("arn:aws:iam::123456789012:role/with:colons", ""),
        ("role/r", "role/r is invalid"),
        ("arn:aws:iam::123456789012", "is invalid"),
        ("arn::iam::1:role/r", "is invalid"),
        ("", "is invalid"),
    ],
)
def test_what_is_an_arn(arn: str, refused: str) -> None:
    with outcome(refused):
        require_arn(arn)


def noise(lines: int) -> str:
    """Return text that packs to some 36 bytes a line."""
    return "".join(sha256(str(line).encode()).hexdigest() for line in range(lines))


@pytest.mark.parametrize(
    ("policies", "tags", "least", "most"),
    [
        (("{}",), {}, 1, 1),
        ((), {"a": "b"}, 1, 1),
        ((noise(20),), {}, 30, 45),
        ((noise(20)[640:],), {"a": noise(10)}, 30, 45),
        ((" " * 2048,), {}, 1, 2),
    ],
)
def test_how_much_is_packed(policies: tuple[str, ...], tags: dict[str, str], least: int, most: int) -> None:
    assert least <= packed_size(policies, tags)["PackedPolicySize"] <= most


def test_nothing_is_said_where_nothing_was_packed() -> None:
    assert packed_size((), {}) == {}


def test_too_much_to_be_packed() -> None:
    with pytest.raises(PackedPolicyTooLarge, match=r"consumes 1\d\d% of the allotted space"):
        packed_size((noise(70),), {})


@pytest.mark.parametrize(
    ("keys", "refused"),
    [
        (("team", "cost"), ""),
        (("team", "team"), "Duplicate"),
        (("team", "TEAM"), "case insensitive"),
        (("aws:team",), "reserved"),
    ],
)
def test_session_tags(keys: tuple[str, ...], refused: str) -> None:
    request = {"Tags": [{"Key": key, "Value": "v"} for key in keys]}
    if not refused:
        assert session_tags(request) == dict.fromkeys(keys, "v")
        return
    with pytest.raises(InvalidParameterValue, match=refused):
        session_tags(request)
