"""The pure plan: it converges from anywhere, and decides as documented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant
from sagehen.services.sagemaker.endpoints.plan import (
    Failures,
    InstanceView,
    Plan,
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


def variant(name: str, count: int) -> EndpointVariant:
    return EndpointVariant(name, "m", "ml.m5.large", count, 1.0, "image", "role")


def deployment(generation: int, **counts: int) -> Deployment:
    return Deployment(generation, "c", 0.0, tuple(variant(name, n) for name, n in counts.items()))


def endpoint(status: str, live: Deployment | None = None, pending: Deployment | None = None) -> Endpoint:
    return Endpoint(Scope("1", "r"), "e", status, NOW, NOW, live=live, pending=pending)


def instance(number: int, generation: int, phase: str, name: str = "a") -> InstanceView:
    return InstanceView(f"i-{number}", generation, name, phase, number)  # type: ignore[arg-type]


def test_what_is_missing_is_started_and_what_is_too_much_is_stopped() -> None:
    wanted = endpoint("InService", live=deployment(1, a=2))
    assert plan(wanted, [], {}, 0).actions == (StartInstance(1, "a"),) * 2
    three = [instance(1, 1, "ready"), instance(2, 1, "ready"), instance(3, 1, "starting")]
    assert plan(wanted, three, {}, 0).actions == (StopInstance("i-3"),)
    ready = [replace(view, phase="ready") for view in three]
    assert plan(wanted, ready, {}, 0).actions == (StopInstance("i-3"),)


def test_what_leaves_its_machine_serves_until_its_replacement_does() -> None:
    wanted = endpoint("InService", live=deployment(1, a=2))
    stays, leaves = instance(1, 1, "ready"), replace(instance(2, 1, "ready"), leaving=True)
    assert plan(wanted, [stays, leaves], {}, 0).actions == (StartInstance(1, "a"),)
    assert plan(wanted, [stays, leaves, instance(3, 1, "starting")], {}, 0).actions == ()
    assert plan(wanted, [stays, leaves, instance(3, 1, "ready")], {}, 0).actions == (StopInstance("i-2"),)
    # No room elsewhere: it goes on serving, and that is tried ever less eagerly.
    failed = {(1, "a"): Failures(3, 100.0, "no room")}
    assert plan(wanted, [stays, leaves], failed, 101) == Plan((), wake_at=102)
    # One at a time; what does not serve yet is started elsewhere at once.
    both = [replace(stays, leaving=True), leaves]
    assert plan(wanted, both, {}, 0).actions == (StartInstance(1, "a"),)
    assert plan(wanted, [stays, replace(leaves, phase="starting")], {}, 0).actions == (StopInstance("i-2"),)
    # Undone meanwhile: the younger one goes.
    back = [stays, replace(leaves, leaving=False), instance(3, 1, "starting")]
    assert plan(wanted, back, {}, 0).actions == (StopInstance("i-3"),)
    updating = endpoint("Updating", live=deployment(1, a=1), pending=deployment(2, a=1))
    assert plan(updating, [leaves, instance(3, 2, "starting")], {}, 0) == Plan()


def test_blue_green_switches_only_when_all_are_ready_and_settles_when_the_old_are_gone() -> None:
    updating = endpoint("Updating", live=deployment(1, a=1), pending=deployment(2, a=2))
    half = [instance(1, 1, "ready"), instance(2, 2, "ready"), instance(3, 2, "starting")]
    assert plan(updating, half, {}, 0) == Plan()
    full = [*half[:2], instance(3, 2, "ready")]
    assert plan(updating, full, {}, 0).actions == (Promote(),)
    promoted = replace(updating, live=updating.pending, pending=None)
    assert plan(promoted, full, {}, 0).actions == (StopInstance("i-1"),)
    assert plan(promoted, [replace(full[0], phase="stopping"), *full[1:]], {}, 0) == Plan()
    assert plan(promoted, full[1:], {}, 0).actions == (Settle(),)


def test_one_failed_start_ends_a_deployment_but_not_the_live_one() -> None:
    failed = {(2, "a"): Failures(1, 0.0, "no")}
    updating = endpoint("Updating", live=deployment(1, a=1), pending=deployment(2, a=1))
    assert plan(updating, [instance(1, 1, "ready")], failed, 0).actions == (RollBack("no"),)
    rolling = endpoint("RollingBack", live=deployment(1, a=1))
    views = [instance(1, 1, "ready"), instance(2, 2, "starting")]
    assert plan(rolling, views, failed, 0).actions == (StopInstance("i-2"),)


def test_starts_back_off() -> None:
    wanted = endpoint("InService", live=deployment(1, a=1))
    delays = [Failures(count, 100.0, "x").again_at(1.0) - 100 for count in range(1, 10)]
    assert delays == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    waiting = plan(wanted, [], {(1, "a"): Failures(3, 100.0, "x")}, 101)
    assert waiting == Plan((), wake_at=102)
    assert plan(wanted, [], {(1, "a"): Failures(3, 100.0, "x")}, 102).actions == (StartInstance(1, "a"),)


def test_a_change_of_counts_that_cannot_be_had_is_given_up() -> None:
    growing = endpoint("Updating", live=deployment(1, a=5))
    failed = {(1, "a"): Failures(3, 0.0, "no room")}
    views = [instance(1, 1, "ready"), instance(2, 1, "ready")]
    assert plan(growing, views, failed, 0.5).actions == (RevertCapacity("no room", {"a": 2}),)
    assert plan(growing, [], failed, 0.5).actions == ()  # nothing runs: there is nothing to go back to


def test_deletion_stops_everything_then_removes() -> None:
    deleting = endpoint("Deleting", live=deployment(1, a=1))
    assert plan(deleting, [instance(1, 1, "ready")], {}, 0).actions == (StopInstance("i-1"),)
    assert plan(deleting, [instance(1, 1, "stopping")], {}, 0) == Plan()
    assert plan(deleting, [], {}, 0).actions == (Remove(),)
    failed = endpoint("Failed", pending=deployment(1, a=1))
    assert plan(failed, [instance(1, 1, "starting")], {}, 0).actions == (StopInstance("i-1"),)
    assert plan(failed, [], {}, 0) == Plan()


views = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from(["starting", "ready", "stopping"]),
        st.sampled_from("abz"),
        st.booleans(),
    )
)
counts = st.fixed_dictionaries({"a": st.integers(1, 4), "b": st.integers(1, 4)})


@given(views, counts, st.none() | counts, st.booleans())
def test_it_converges_from_anywhere_and_then_rests(
    seen: list[tuple[int, str, str, bool]],
    live_counts: dict[str, int],
    pending_counts: dict[str, int] | None,
    has_live: bool,
) -> None:
    live = deployment(1, **live_counts) if has_live or pending_counts is None else None
    pending = deployment(2, **pending_counts) if pending_counts is not None else None
    current = endpoint("Updating" if live else "Creating", live, pending)
    world = {
        f"i-{n}": replace(instance(n, g, phase, name), leaving=leaving)
        for n, (g, phase, name, leaving) in enumerate(seen)
    }
    number = len(world)
    for _ in range(60):
        actions = plan(current, list(world.values()), {}, 0).actions
        for action in actions:
            match action:
                case StartInstance():
                    world[f"i-{number}"] = instance(number, action.generation, "starting", action.variant)
                    number += 1
                case StopInstance():
                    world[action.instance_id] = replace(world[action.instance_id], phase="stopping")
                case Promote():
                    status = "Updating" if current.live else "InService"
                    current = replace(current, live=current.pending, pending=None, status=status)
                case Settle():
                    current = replace(current, status="InService")
        if not actions and all(view.phase == "ready" for view in world.values()):
            break
        # Time passes: what starts becomes ready, what stops is gone.
        world = {key: replace(view, phase="ready") for key, view in world.items() if view.phase != "stopping"}
    assert current.status == "InService" and current.pending is None and current.live is not None
    assert plan(current, list(world.values()), {}, 0).actions == ()
    for wanted in current.live.variants:
        mine = [
            v for v in world.values() if (v.generation, v.variant) == (current.live.generation, wanted.name)
        ]
        assert len(mine) == wanted.desired_count
    assert not any(view.leaving for view in world.values())
    assert len(world) == sum(wanted.desired_count for wanted in current.live.variants)
