"""Sessions that are used again: while they last, and while their role is the one that it was."""

from __future__ import annotations

from typing import Any

from sagehen.domain import kept_sessions
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind
from sagehen.domain.kept_sessions import KeptSessions
from sagehen.domain.ports.identity.roles import RoleSession


class Roles:
    def __init__(self) -> None:
        self.assumed: list[tuple[str, str, str]] = []
        self.over: list[Principal] = []

    async def assume_for_service(self, role_arn: str, service: str, name: str) -> RoleSession:
        self.assumed.append((role_arn, service, name))
        number = str(len(self.assumed))
        principal = Principal(PrincipalKind.ASSUMED_ROLE, f"{role_arn}/{number}", "123456789012")
        return RoleSession(Credentials(number, "secret", "token"), principal)

    def is_over(self, principal: Principal) -> bool:
        return principal in self.over


async def test_a_session_is_used_again_until_it_is_old_its_role_gone_or_all_forgotten(
    monkeypatch: Any,
) -> None:
    fake, clock = Roles(), ManualClock()
    roles: Any = fake
    sessions = KeptSessions(roles, clock, "service", "name")
    first = await sessions.of("a")
    assert await sessions.of("a") is first and fake.assumed == [("a", "service", "name")]
    fake.over.append(first.principal)
    second = await sessions.of("a")
    assert second is not first
    await clock.advance(600)
    third = await sessions.of("a")
    assert third is not second and await sessions.of("a") is third
    monkeypatch.setattr(kept_sessions, "_MOST_KEPT", 2)
    for role in ("b", "c", "b", "c"):
        await sessions.of(role)
    assert [role for role, *_ in fake.assumed] == ["a", "a", "a", "b", "c"]
    assert await sessions.of("a") is not third
    sessions.clear()
    await sessions.of("c")
    assert [role for role, *_ in fake.assumed][5:] == ["a", "c"]
