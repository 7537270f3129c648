"""Which operation may be asked for when, and what follows: tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.notebooks import plan, states
from sagehen.services.sagemaker.notebooks.instance import NotebookInstance, Settings, Status
from sagehen.services.sagemaker.notebooks.plan import Resize
from sagehen.upkeep.keeping import End, Fail, Failures, Launch, Open, Remove, Settle
from sagehen.upkeep.pauses import Rest, Wait

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ONE = NotebookInstance(
    scope=Scope("123456789012", "us-east-1"),
    name="Nb-1",
    status="InService",
    created_at=NOW,
    modified_at=NOW,
    label="nb-1",
    volume_id="v",
    settings=Settings(instance_type="ml.t3.medium", role_arn="role"),
)


@pytest.mark.parametrize(
    ("transition", "allowed"),
    [
        (states.START, {"Stopped", "Failed"}),
        (states.STOP, {"InService"}),
        (states.UPDATE, {"Stopped", "Failed"}),
        (states.DELETE, {"Stopped", "Failed"}),
    ],
)
def test_what_may_be_asked_for_in_which_state(transition: states.Transition, allowed: set[str]) -> None:
    later = NOW + timedelta(seconds=1)
    for status in get_args(Status):
        instance = replace(ONE, status=status, failure_reason="old")
        if status in allowed:
            begun = states.begun(instance, transition, later)
            assert (begun.status, begun.modified_at, begun.failure_reason) == (transition.to, later, "")
        else:
            with pytest.raises(ValidationException):
                states.begun(instance, transition, later)


def test_the_refusal_has_the_words_that_were_recorded() -> None:
    with pytest.raises(ValidationException) as refused:
        states.begun(replace(ONE, status="Stopping"), states.START, NOW)
    assert refused.value.message == (
        "Status (Stopping) not in ([Stopped, Failed]). Unable to transition to (Pending) for Notebook "
        "Instance (arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/nb-1)."
    )


def test_what_comes_late_does_not_undo_what_somebody_asked_for() -> None:
    stopping = replace(ONE, status="Stopping")
    assert states.in_service(stopping) == states.failed(stopping, "gone") == stopping
    assert states.stopped(ONE) == ONE
    assert len(states.failed(ONE, "x" * 5000).failure_reason) == 1024


ONCE = Failures(1, 10.0, "why")


@pytest.mark.parametrize(
    ("status", "server", "failures", "expected"),
    [
        ("Pending", None, None, Launch()),
        ("Pending", "starting", None, Wait()),
        ("Pending", "ready", None, Open()),
        ("Pending", None, ONCE, Fail("why")),  # what somebody asked for is tried once
        ("InService", None, None, Launch()),  # the platform was killed
        ("InService", "starting", None, Wait()),
        ("InService", "ready", None, Wait()),
        ("InService", None, ONCE, Launch()),
        ("InService", None, Failures(2, 10.0, "why"), Wait(12.0)),
        ("InService", None, Failures(2, 8.0, "why"), Launch()),
        ("InService", None, Failures(3, 0.0, "why"), Fail("why")),
        ("Stopping", "ready", None, End()),
        ("Stopping", "starting", None, End()),
        ("Stopping", "stopping", None, Wait()),
        ("Stopping", None, ONCE, Settle()),
        ("Updating", None, None, Resize()),
        ("Deleting", None, None, Remove()),
        ("Failed", "ready", None, End()),
        ("Failed", None, ONCE, Rest()),
        ("Stopped", None, None, Rest()),
    ],
)
def test_what_is_done_next(status: Any, server: Any, failures: Any, expected: plan.Action) -> None:
    assert plan.plan(replace(ONE, status=status), server, failures, 10.0) == expected
