"""What one endpoint needs next, as a table: one row per situation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.plan import (
    Failures,
    InstanceView,
    Promote,
    Remove,
    RevertCapacity,
    RollBack,
    Settle,
    StartInstance,
    StopInstance,
    plan,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
S, R, X = "starting", "ready", "stopping"
Start, Stop = StartInstance, StopInstance


def deployment(generation: int, counts: dict[str, int]) -> Deployment:
    variants = (EndpointVariant(name, "m", "ml.m5.large", n, 1.0, "i", "r") for name, n in counts.items())
    return Deployment(generation, "c", NOW.timestamp(), tuple(variants))


# status, live counts, pending counts, instances (generation, variant, phase) in order of their start,
# failures in a row (generation, variant) -> count, and the actions.
CASES: list[tuple[str, str, Any, Any, list[tuple[int, str, str]], Any, tuple[Any, ...]]] = [
    ("creating starts all", "Creating", None, {"a": 2}, [], {}, (Start(1, "a"), Start(1, "a"))),
    ("creating waits for the slow", "Creating", None, {"a": 2}, [(1, "a", R), (1, "a", S)], {}, ()),
    ("creating is done", "Creating", None, {"a": 1}, [(1, "a", R)], {}, (Promote(),)),
    ("one start failed", "Creating", None, {"a": 2}, [(1, "a", R)], {(1, "a"): 1}, (RollBack("no"),)),
    ("a failed endpoint keeps nothing", "Failed", None, {"a": 1}, [(1, "a", R)], {}, (Stop("i-0"),)),
    ("and stays on record", "Failed", None, {"a": 1}, [], {}, ()),
    ("one died", "InService", {"a": 2}, None, [(1, "a", R)], {}, (Start(1, "a"),)),
    ("one died before: at once", "InService", {"a": 1}, None, [], {(1, "a"): 1}, (Start(1, "a"),)),
    ("one dies and dies: later", "InService", {"a": 1}, None, [], {(1, "a"): 4}, ()),
    ("each variant for itself", "InService", {"a": 1, "b": 1}, None, [(1, "b", R)], {}, (Start(1, "a"),)),
    ("scaled out", "Updating", {"a": 3}, None, [(1, "a", R)], {}, (Start(1, "a"), Start(1, "a"))),
    ("scaled out, on its way", "Updating", {"a": 2}, None, [(1, "a", R), (1, "a", S)], {}, ()),
    ("scaled in: the youngest", "Updating", {"a": 1}, None, [(1, "a", R), (1, "a", R)], {}, (Stop("i-1"),)),
    ("scaled in: not the one that serves", "Updating", {"a": 1}, None, [(1, "a", S), (1, "a", R)], {},
     (Stop("i-0"),)),
    ("scaled in, draining", "Updating", {"a": 1}, None, [(1, "a", R), (1, "a", X)], {}, ()),
    ("scaled", "Updating", {"a": 1}, None, [(1, "a", R)], {}, (Settle(),)),
    ("two failures are not enough", "Updating", {"a": 2}, None, [(1, "a", R)], {(1, "a"): 2}, ()),
    ("three take it back", "Updating", {"a": 2}, None, [(1, "a", R)], {(1, "a"): 3},
     (RevertCapacity("no", {"a": 1}),)),
    ("but not to nothing", "Updating", {"a": 2}, None, [], {(1, "a"): 3}, ()),
    ("an update comes up beside", "Updating", {"a": 1}, {"a": 1}, [(1, "a", R)], {}, (Start(2, "a"),)),
    ("and takes over", "Updating", {"a": 1}, {"a": 1}, [(1, "a", R), (2, "a", R)], {}, (Promote(),)),
    ("the live one is kept alive meanwhile", "Updating", {"a": 1}, {"a": 1}, [(2, "a", S)], {},
     (Start(1, "a"),)),
    ("its failure ends it", "Updating", {"a": 1}, {"a": 1}, [(1, "a", R)], {(2, "a"): 1}, (RollBack("no"),)),
    ("the live one's failures do not", "Updating", {"a": 1}, {"a": 1}, [(2, "a", R)], {(1, "a"): 1},
     (Promote(),)),
    ("rolled back: what is left goes", "RollingBack", {"a": 1}, None, [(1, "a", R), (2, "a", S)], {},
     (Stop("i-1"),)),
    ("rolled back: not before it is gone", "RollingBack", {"a": 1}, None, [(1, "a", R), (2, "a", X)], {}, ()),
    ("rolled back", "RollingBack", {"a": 1}, None, [(1, "a", R)], {}, (Settle(),)),
    ("deleted with all it has", "Deleting", {"a": 1}, {"a": 1}, [(1, "a", R), (2, "a", S), (2, "a", X)], {},
     (Stop("i-0"), Stop("i-1"))),
    ("deleted, draining", "Deleting", {"a": 1}, None, [(1, "a", X)], {}, ()),
    ("gone", "Deleting", {"a": 1}, None, [], {}, (Remove(),)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_one_look(case: Any) -> None:
    _, status, live, pending, seen, failed, actions = case
    endpoint = Endpoint(
        Scope("1", "r"), "e", status, NOW, NOW,
        live=deployment(1, live) if live else None,
        pending=deployment(2 if live else 1, pending) if pending else None,
    )  # fmt: skip
    views = [InstanceView(f"i-{n}", g, name, phase, n) for n, (g, name, phase) in enumerate(seen)]  # type: ignore[arg-type]
    failures = {key: Failures(count, 100.0, "no") for key, count in failed.items()}
    decided = plan(endpoint, views, failures, 100.0, NOW.timestamp())
    assert decided.actions == actions
    if not actions and any(count > 1 for count in failed.values()):
        assert decided.wake_at is not None, "nobody would look again"
