"""Who is let in to a tracking server, for which request; and that a presigned URL is good once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.domain.access import Access
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, root_principal
from sagehen.domain.ids import Ids
from sagehen.services.sagemaker.resources.passes import Pass
from sagehen.services.sagemaker.schema import MIGRATIONS as FIRST
from sagehen.services.sagemaker.tracking_servers import passes, records
from sagehen.services.sagemaker.tracking_servers.entrance import Entrance
from sagehen.services.sagemaker.tracking_servers.records import TrackingServerRecords
from sagehen.services.sagemaker.tracking_servers.visits import Asked, Opened, Refused
from sagehen.store.database import Database
from tests.unit.sagemaker.tracking_servers.test_decisions import SERVER

OWNER, STRANGER = root_principal("123456789012"), root_principal("210987654321")
CREATE = Asked("POST", "/api/2.0/mlflow/runs/create", "127.0.0.1", False)
PAGE = Asked("GET", "/", "127.0.0.1", False)


class Room:
    """One tracking server, and an entrance to it.

    Attributes:
        allowed: The actions that anybody may do.
        running: What answers for it.
    """

    def __init__(self, database: Database, clock: ManualClock, ids: Ids) -> None:
        database.migrate("sagemaker", FIRST)
        database.migrate("servers", records.MIGRATIONS)
        database.migrate("passes", passes.MIGRATIONS)
        self.records, self.passes = TrackingServerRecords(database), passes.tracking_passes(database)
        self.clock, self.allowed, self.running = clock, {"*"}, object()
        fakes: Any = SimpleNamespace(
            running=lambda server: self.running, is_allowed=self._is_allowed, is_over=lambda principal: False
        )
        self.entrance = Entrance(
            records=self.records, passes=self.passes, loops=fakes, registrar=fakes, authorizer=fakes,
            roles=fakes, wall_clock=clock, ids=ids,
        )  # fmt: skip

    def _is_allowed(self, principal: Principal, access: Access, environment: Mapping[str, Any]) -> bool:
        assert access.resource == SERVER.arn
        return bool(self.allowed & {"*", access.action.partition(":")[2]})

    def admit(self, principal: Principal = OWNER, asked: Asked = CREATE, arn: str = SERVER.arn) -> Any:
        return self.entrance.admit(arn, principal, asked)

    async def url(self) -> str:
        now = self.clock.now()
        made = Pass(OWNER, now + timedelta(seconds=300), 1800)
        await self.passes.add(SERVER.id, "url", "token", made, now)
        return "token"


@pytest.fixture
async def room(database: Database, clock: ManualClock, ids: Ids) -> Room:
    made = Room(database, clock, ids)
    await made.records.add(SERVER, ())
    return made


async def test_signed_requests_are_judged_by_their_action(room: Room) -> None:
    assert room.admit().running is room.running
    room.allowed = {"CreateRun"}
    assert room.admit().running is room.running
    refused = room.admit(asked=replace(CREATE, path="/api/2.0/mlflow/runs/delete"))
    assert (refused.status, refused.code) == (403, "PERMISSION_DENIED")
    assert "sagemaker-mlflow:DeleteRun" in refused.reason


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"principal": STRANGER}, 404),
        ({"arn": SERVER.arn + "-not"}, 404),
        ({"arn": "nonsense"}, 404),
        ({"arn": SERVER.arn.replace("us-east-1", "eu-west-1")}, 404),
        ({"asked": replace(CREATE, path="/api/2.0/mlflow/webhooks")}, 501),
    ],
)
async def test_who_is_refused(room: Room, change: dict[str, Any], status: int) -> None:
    refused = room.admit(**change)
    assert isinstance(refused, Refused) and refused.status == status


async def test_nothing_answers_for_a_server_that_does_not_run(room: Room) -> None:
    room.running = None
    assert room.admit().status == 503


async def test_a_presigned_url_opens_a_session_once(room: Room) -> None:
    token = await room.url()
    opened = await room.entrance.open("us-east-1", "t-1", token, PAGE)
    assert isinstance(opened, Opened) and opened.seconds == 1800
    again = await room.entrance.open("us-east-1", "t-1", token, PAGE)
    assert isinstance(again, Refused) and again.status == 403

    def enter(asked: Asked = PAGE, session: str = opened.session, label: str = "t-1") -> Any:
        return room.entrance.admit_session("us-east-1", label, session, asked)

    assert enter().running is room.running
    assert enter(session="another").status == 403
    assert enter(label="t-2").status == 404
    room.allowed = {"AccessUI"}
    assert enter(CREATE).status == 403  # the page is open, and may not do everything
    room.allowed = {"CreateRun"}
    assert enter(CREATE).status == 403  # nor without the page's own right
    room.allowed = {"AccessUI", "CreateRun"}
    assert enter(CREATE).running is room.running
    await room.clock.advance(1801)
    assert enter().status == 403


async def test_a_url_is_over_after_its_time(room: Room) -> None:
    token = await room.url()
    await room.clock.advance(301)
    assert isinstance(await room.entrance.open("us-east-1", "t-1", token, PAGE), Refused)
