"""Data capture: what is held, written, left out, refused; a request never notices."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Credentials, Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.kept_sessions import KeptSessions
from sagehen.domain.ports.identity.roles import RoleSession
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker_runtime.capture import recorder
from sagehen.services.sagemaker_runtime.capture.event import CapturedEvent, Payload
from sagehen.services.sagemaker_runtime.capture.recorder import DataCapture, Source
from sagehen.serving.capture import CaptureSettings

ROLE = "arn:aws:iam::123456789012:role/Model"
SOURCE = Source(
    Scope("123456789012", "us-east-1"), "e", "v", ROLE, CaptureSettings("b", "p", 100, kms_key_id="k")
)


class Roles:
    def __init__(self) -> None:
        self.assumed = 0

    async def assume_for_service(self, role_arn: str, service: str, name: str) -> RoleSession:
        assert (role_arn, service) == (ROLE, "sagemaker.amazonaws.com")
        self.assumed += 1
        principal = Principal(PrincipalKind.ASSUMED_ROLE, role_arn, "123456789012")
        return RoleSession(Credentials("ASIAX", "secret", "token"), principal)

    def is_over(self, session: Principal) -> bool:
        return False


class Objects:
    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], list[Any]] = {}
        self.refusal: Exception | None = None

    async def upload(
        self, principal: Principal, bucket: str, key: str, source: Path, content_type: str, kms_key_id: str
    ) -> None:
        assert principal.arn == ROLE and kms_key_id == "k"
        if self.refusal is not None:
            raise self.refusal
        self.stored[bucket, key] = [json.loads(line) for line in source.read_bytes().splitlines()]


class Logs:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str, str]] = []

    def write(self, scope: Scope, group: str, stream: str, events: Any) -> None:
        self.lines += [(group, stream, text) for _, text in events]


Make = Callable[[], tuple[DataCapture, Objects, Logs, Roles]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made() -> tuple[DataCapture, Objects, Logs, Roles]:
        objects, logs, roles, clock = Objects(), Logs(), Roles(), ManualClock()
        ids = Ids(random.Random(1))
        sessions = KeptSessions(roles, clock, "sagemaker.amazonaws.com", "SageMaker")  # type: ignore[arg-type]
        capture = DataCapture(
            folder=tmp_path / "capture", objects=objects, roles=sessions,  # type: ignore[arg-type]
            logs=logs, clock=clock, ids=ids,  # type: ignore[arg-type]
        )  # fmt: skip
        capture.empty()
        return capture, objects, logs, roles

    return made


def event(body: bytes = b"1", second: int = 0) -> CapturedEvent:
    at = datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)
    return CapturedEvent(at, Payload("text/csv", body), Payload("text/csv", body))


async def test_events_of_one_variant_and_configuration_share_a_file(make: Make, tmp_path: Path) -> None:
    capture, objects, logs, roles = make()
    for second in range(3):
        capture.note(SOURCE, event(second=second))
    capture.note(replace(SOURCE, variant="w"), event())
    await capture.flush()
    assert Counter(key.split("/")[2] for _, key in objects.stored) == {"v": 1, "w": 1}
    lines = next(lines for (_, key), lines in objects.stored.items() if "/v/" in key)
    assert [line["eventMetadata"]["inferenceTime"][-3:] for line in lines] == ["00Z", "01Z", "02Z"]
    assert len({line["eventMetadata"]["eventId"] for line in lines}) == 3
    assert roles.assumed == 1 and not logs.lines
    assert list((tmp_path / "capture").iterdir()) == []
    objects.stored.clear()
    await capture.flush()
    assert not objects.stored


async def test_a_role_that_may_not_write_is_a_line_in_the_endpoint_s_log(make: Make) -> None:
    capture, objects, logs, _ = make()
    objects.refusal = AccessDenied("no s3:PutObject")
    capture.note(SOURCE, event())
    await capture.flush()
    ((group, stream, text),) = logs.lines
    assert (group, stream) == ("/aws/sagemaker/Endpoints/e", "v/data-capture")
    assert "1 captured requests cannot be stored: no s3:PutObject" in text
    objects.refusal = None
    capture.note(SOURCE, event())
    await capture.flush()
    assert len(objects.stored) == 1


async def test_what_is_too_much_is_left_out_and_said(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MOST_BYTES", 5000)
    capture, objects, logs, _ = make()
    for _ in range(4):
        capture.note(SOURCE, event(b"x" * 1000))
    await capture.flush()
    (lines,) = objects.stored.values()
    assert len(lines) == 1 and "3 requests were not captured" in logs.lines[0][2]
    capture.note(SOURCE, event(b"x" * 1000))  # there is room again
    await capture.flush()
    assert len(objects.stored) == 2


async def test_an_account_leaves_room_for_others(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MOST_OF_ACCOUNT", 5000)
    capture, objects, logs, _ = make()
    theirs = replace(SOURCE, scope=Scope("999988887777", "us-east-1"), variant="w")
    for source in (SOURCE, SOURCE, theirs):
        capture.note(source, event(b"x" * 1000))
    for round_ in range(2):
        await capture.flush()
        assert len(objects.stored) == 2 * (round_ + 1)
        capture.note(SOURCE, event())
        capture.note(theirs, event())
    assert len(logs.lines) == 1


async def test_what_nobody_thought_of_costs_one_batch(make: Make) -> None:
    capture, objects, logs, _ = make()
    objects.refusal = RuntimeError("never seen")
    for _ in range(2):
        capture.note(SOURCE, event())
        capture.note(replace(SOURCE, variant="w"), event())
        await capture.flush()
    assert len(logs.lines) == 4 and "an internal error" in logs.lines[0][2]
    objects.refusal = None
    capture.note(SOURCE, event())
    await capture.flush()
    assert len(objects.stored) == 1


async def test_stop_writes_what_is_held_and_forget_drops_it(make: Make) -> None:
    capture, objects, _, _ = make()
    capture.start()
    capture.note(SOURCE, event())
    await capture.stop()
    assert len(objects.stored) == 1
    capture.note(SOURCE, event())
    capture.forget()
    await capture.flush()
    assert len(objects.stored) == 1


def test_the_share_that_is_captured(make: Make) -> None:
    capture, *_ = make()
    for percentage, least, most in ((0, 0, 0), (20, 150, 250), (100, 1000, 1000)):
        settings = replace(SOURCE.settings, percentage=percentage)
        assert least <= sum(capture.wants(settings) for _ in range(1000)) <= most
