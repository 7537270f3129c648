from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.serving.breaker import Breaker, BreakerFull, Dismissed


async def test_full_means_fail_at_once() -> None:
    breaker = Breaker(capacity=1, queue_limit=1)
    await breaker.enter(60)
    waiting = asyncio.create_task(breaker.enter(60))
    await asyncio.sleep(0)
    with pytest.raises(BreakerFull):
        await breaker.enter(60)
    breaker.leave()
    await waiting
    assert (breaker.in_flight, breaker.waiting) == (1, 0)


async def test_a_waiter_that_gives_up_leaves_its_place() -> None:
    breaker = Breaker(capacity=1, queue_limit=2)
    await breaker.enter(60)
    first, second = (asyncio.create_task(breaker.enter(60)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    breaker.leave()
    await second
    assert breaker.in_flight == 1


async def test_a_slot_granted_to_one_that_is_cancelled_goes_on_to_the_next() -> None:
    breaker = Breaker(capacity=1, queue_limit=2)
    await breaker.enter(60)
    first, second = (asyncio.create_task(breaker.enter(60)) for _ in range(2))
    await asyncio.sleep(0)
    breaker.leave()  # grants the slot to `first` ...
    first.cancel()  # ... which is cancelled before it runs
    await second
    assert breaker.in_flight == 1


async def test_more_capacity_lets_waiters_in() -> None:
    breaker = Breaker(capacity=0, queue_limit=3)
    waiters = [asyncio.create_task(breaker.enter(60)) for _ in range(3)]
    await asyncio.sleep(0)
    breaker.resize(2)
    await asyncio.sleep(0)
    assert [waiter.done() for waiter in waiters] == [True, True, False]
    waiters[2].cancel()


@settings(deadline=None)
@given(st.lists(st.sampled_from(["enter", "leave", "cancel", "grow", "shrink"]), max_size=40))
def test_never_more_in_flight_than_granted(steps: list[str]) -> None:
    async def scenario() -> None:
        breaker, capacity = Breaker(2, 3), 2
        tasks: list[asyncio.Task[None]] = []
        for step in steps:
            earlier = breaker.in_flight
            if step == "enter":
                tasks.append(asyncio.create_task(breaker.enter(60)))
            elif step == "leave" and breaker.in_flight:
                before = breaker.in_flight
                breaker.leave()
                assert breaker.in_flight <= before
            elif step == "cancel" and tasks:
                tasks[-1].cancel()
            elif step in ("grow", "shrink"):
                capacity = max(0, capacity + (1 if step == "grow" else -1))
                breaker.resize(capacity)
            await asyncio.sleep(0)
            assert breaker.waiting <= 3
            assert breaker.in_flight <= max(capacity, earlier), "more than there are slots"
            assert not (breaker.waiting and breaker.in_flight < capacity), "a free slot beside a waiter"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(scenario())


async def test_a_wait_ends_with_its_time_or_with_its_queue() -> None:
    breaker = Breaker(capacity=1, queue_limit=1)
    await breaker.enter(60)
    with pytest.raises(TimeoutError):
        await breaker.enter(0.001)
    assert breaker.waiting == 0
    dismissed = asyncio.create_task(breaker.enter(60))
    await asyncio.sleep(0)
    breaker.dismiss()
    with pytest.raises(Dismissed):
        await dismissed
    assert (breaker.in_flight, breaker.waiting) == (1, 0)


async def test_one_that_gives_up_in_the_moment_of_its_dismissal_takes_nothing_along() -> None:
    breaker = Breaker(capacity=1, queue_limit=2)
    await breaker.enter(60)
    gone, stays = (asyncio.create_task(breaker.enter(60)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    breaker.leave()  # passes over the one that is going
    await stays
    late = asyncio.create_task(breaker.enter(60))
    await asyncio.sleep(0)
    late.cancel()
    breaker.dismiss()
    outcomes = await asyncio.gather(gone, late, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError] * 2
    assert (breaker.in_flight, breaker.waiting) == (1, 0)


async def test_one_that_was_moved_is_not_refused() -> None:
    breaker = Breaker(capacity=0, queue_limit=0)
    with pytest.raises(BreakerFull):
        await breaker.enter(60)
    moved = asyncio.create_task(breaker.enter(60, moved=True))
    await asyncio.sleep(0)
    breaker.resize(1)
    await moved
