"""Who comes to a door may do what its rights are now, and nothing with a session of a role that is gone."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.domain.access import Access
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind, root_principal
from sagehen.services.sagemaker.roles.visitors import Visitors

USER = root_principal("123456789012")
SESSION = Principal(PrincipalKind.ASSUMED_ROLE, "arn:aws:sts::123456789012:assumed-role/r/s", "123456789012")
OPEN = Access("sagemaker:Open", "arn:aws:sagemaker:us-east-1:123456789012:thing/t")


@pytest.mark.parametrize(
    ("principal", "allowed", "gone", "may"),
    [
        (USER, True, False, True),
        (USER, False, False, False),
        (USER, True, True, True),  # it has no role
        (SESSION, True, False, True),
        (SESSION, False, False, False),
        (SESSION, True, True, False),
    ],
)
def test_who_may(clock: ManualClock, principal: Principal, allowed: bool, gone: bool, may: bool) -> None:
    asked: list[Mapping[str, Any]] = []

    def is_allowed(principal: Principal, access: Access, environment: Mapping[str, Any]) -> bool:
        assert access == OPEN
        asked.append(environment)
        return allowed

    fakes: Any = SimpleNamespace(is_allowed=is_allowed, is_over=lambda session: gone)
    visitors = Visitors(fakes, fakes, clock)
    assert visitors.may(principal, OPEN, "us-east-1", source_ip="10.0.0.1", secure=True) is may
    assert all(one["aws:SourceIp"] == "10.0.0.1" and one["aws:SecureTransport"] for one in asked)
