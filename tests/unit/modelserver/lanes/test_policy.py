"""When connections are lent: what the workers have done decides."""

from __future__ import annotations

import pytest

from sagehen.modelserver.lanes.page import Page, Work
from sagehen.modelserver.lanes.policy import CLOSED_FOR_S, State, judge

MS = 1_000_000


@pytest.mark.parametrize(
    ("is_open", "new", "opens"),
    [
        (False, Work(100, 100 * MS), True),  # 1 ms each
        (False, Work(8, 8), False),  # too few to tell
        (False, Work(100, 300 * MS), False),  # 3 ms: not yet
        (True, Work(100, 300 * MS), True),  # but no reason to close
        (True, Work(100, 500 * MS), False),
        (True, Work(1, 1, slow=1), False),  # one is enough
        (True, Work(2, 900 * MS), True),
        (True, Work(), True),
    ],
)
def test_calls_decide(is_open: bool, new: Work, opens: bool) -> None:
    before = Work(1000, 5000 * MS, 3)
    assert judge(State(is_open, before), before + new, now=50.0).is_open is opens


def test_a_slow_call_keeps_lanes_closed_for_a_while() -> None:
    state = judge(State(True), Work(40, 40, slow=1), now=10.0)
    assert not state.is_open
    state = judge(state, Work(80, 80, slow=1), now=10.0 + CLOSED_FOR_S - 0.1)
    assert not state.is_open
    assert judge(state, Work(120, 120, slow=1), now=10.0 + CLOSED_FOR_S).is_open


def test_both_sides_of_a_page_see_the_same() -> None:
    page = Page()
    assert page.work == Work() and not page.lane
    page.count(5, is_slow=False)
    page.count(7, is_slow=True)
    page.begin(9, 11)
    assert (page.work, page.lane, page.since_ns, page.owes) == (Work(2, 12, 1), 9, 11, False)
    page.owe()
    assert page.owes
    page.answering(13)
    assert (page.since_ns, page.owes) == (13, False)
    page.end()
    assert not page.lane
