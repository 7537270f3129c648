"""Budgets of processor time: short work stays on the loop, long work ends."""

from __future__ import annotations

import threading

import pytest

from sagehen.api.bounded import budget
from sagehen.api.bounded.budget import BudgetSpent, TooBusy, in_budget, in_thread, left_s, spend, within


def _endless() -> None:
    while True:
        spend()


def _work(steps: int) -> str:
    for _ in range(steps):
        spend()
        sum(range(100))
    return threading.current_thread().name


async def test_short_work_stays_on_the_loop_and_longer_work_moves() -> None:
    here = threading.current_thread().name
    assert await in_budget(_work, 10) == here
    assert (await in_budget(_work, 50_000)).startswith("budgeted")


async def test_work_without_end_is_broken_off() -> None:
    with pytest.raises(BudgetSpent):
        await in_budget(_endless)


async def test_work_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await in_thread(_work, 1)).startswith("budgeted")
    monkeypatch.setattr(budget, "_LONGEST_WAIT_S", -1.0)
    with pytest.raises(TooBusy):
        await in_thread(_work, 1)
    monkeypatch.setattr(budget, "_LONGEST_WAIT_S", 29.0)
    monkeypatch.setattr(budget, "_MOST_WAITING", 0)
    with pytest.raises(TooBusy):
        await in_thread(_work, 1)
    monkeypatch.setattr(budget, "_MOST_WAITING", 1)
    assert (await in_thread(_work, 1)).startswith("budgeted")


def test_what_has_no_budget_is_free() -> None:
    spend(1_000_000)
    assert left_s(0.5) == 0.5
    with pytest.raises(BudgetSpent):
        within(0.01, _endless)
    spend(1_000_000)
    assert within(0.01, left_s, 0.5) <= 0.01
