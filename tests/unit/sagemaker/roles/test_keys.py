"""Keys for nodes that ask S3 on a role's behalf: good for as long as what is asked may take."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.services.sagemaker.roles.keys import RoleKeys
from sagehen.services.sagemaker.training.decisions import UPLOAD_LIMIT_S
from tests.unit.sagemaker.conftest import ROLE, SESSION, FakeRoles


class Roles(FakeRoles):
    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.asked = 0

    async def assume_for_service(
        self, role_arn: str, service: str, session_name: str, duration_s: int = 3600
    ) -> RoleSession:
        self.asked += 1
        ends = self._clock.now() + timedelta(seconds=duration_s)
        return RoleSession(Credentials(f"ASIA{self.asked}", "secret", "token", ends), SESSION)


async def test_keys_last_as_long_as_what_they_are_for() -> None:
    clock = ManualClock()
    roles = Roles(clock)
    keys = RoleKeys(ROLE, roles, clock)  # type: ignore[arg-type]
    for passes_s, asked in ((0, 1), (6 * 3600, 1), (1, 2), (30 * 86_400, 3)):
        await clock.advance(passes_s)
        now, at_once = await asyncio.gather(keys.now(), keys.now())
        assert now == at_once and now.access_key_id == f"ASIA{asked}"
        assert now.expiration is not None
        assert (now.expiration - clock.now()).total_seconds() >= 6 * 3600 > UPLOAD_LIMIT_S
