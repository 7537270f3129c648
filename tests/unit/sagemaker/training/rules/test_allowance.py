"""How much of the event loop looking for losses may take."""

from __future__ import annotations

import time

import pytest

from sagehen.services.sagemaker.training.rules.facts.allowance import Allowance


def test_beyond_its_share_it_has_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    now, spent = [100.0], [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "thread_time", lambda: spent[0])
    allowance = Allowance()
    assert allowance.may_go_on()
    with allowance:
        spent[0] += 1.0
    assert not allowance.may_go_on()
    now[0] += 11.0  # a twentieth of them is half a second more
    assert allowance.may_go_on()
