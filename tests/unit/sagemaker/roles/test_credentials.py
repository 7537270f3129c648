"""The file of a role's keys: renewed in time, and again where that failed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Credentials
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.services.sagemaker.roles.credentials import RoleCredentials
from tests.unit.sagemaker.conftest import SESSION, FakeRoles


class Roles(FakeRoles):
    """Fails as often as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.asked = 0

    async def assume_for_service(self, *_: object, **__: object) -> RoleSession:
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        return RoleSession(Credentials(f"ASIA{self.asked}", "secret", "token"), SESSION)


async def test_what_cannot_be_renewed_is_tried_again_before_it_ends(tmp_path: Path) -> None:
    clock, roles, notes = ManualClock(), Roles(AccessDenied("no"), OSError("the disk is full")), list[str]()
    role = RoleCredentials(tmp_path, "arn:aws:iam::123456789012:role/r", roles, clock, notes.append)  # type: ignore[arg-type]
    renewing = asyncio.create_task(role.keep_renewed())
    await asyncio.sleep(0)
    await clock.advance(1799)
    assert roles.asked == 0
    for seconds, asked in ((1, 1), (300, 2), (299, 2), (1, 3)):
        await clock.advance(seconds)
        assert roles.asked == asked
    file = tmp_path / "credentials.json"
    async with asyncio.timeout(30):
        while not file.exists():
            await asyncio.sleep(0.002)
    assert json.loads(file.read_text())["AccessKeyId"] == "ASIA3"
    assert [note.rpartition(": ")[2] for note in notes] == ["no", "the disk is full"]
    renewing.cancel()
    await asyncio.gather(renewing, return_exceptions=True)
