"""The executor's contract on a node: what runs there is seen, told and ended as here.

Every test of `tests.unit.executors.test_contract` that speaks to the executor alone, one after the other on
one node, since starting that takes longer than they do.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.unit.executors import test_contract as contract
from tests.unit.executors.conftest import Bench

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(240)]

_ELSEWHERE = {
    # They change the insides of an executor in this process, and the one in question is in another.
    "test_a_full_disk_takes_no_name_for_good",
    "test_what_cannot_be_given_back_does_not_change_how_it_ended",
    # They look at the sandbox's process or folder, which are not here. A node runs the local executor.
    "test_stop_kills_everything_when_the_grace_is_over",
    "test_nothing_is_left_when_it_has_ended",
    "test_a_start_that_fails_leaves_nothing",
    "test_close_ends_everything",
    # Its seconds are spent on the local executor's watch over disks, which the one before it sees at work.
    "test_what_fits_on_the_disk_is_left_alone",
}


def cases() -> Iterator[tuple[Callable[..., Any], dict[str, Any]]]:
    """Yield each test of the contract with the arguments that it is given; of a long row the first alone."""
    for name, test in vars(contract).items():
        if not name.startswith("test_") or name in _ELSEWHERE:
            continue
        if "bench" not in inspect.signature(test).parameters:
            continue
        given: dict[str, Any] = {}
        for mark in getattr(test, "pytestmark", ()):
            if mark.name == "parametrize":
                names, values = mark.args[:2]
                names = names.split(",") if isinstance(names, str) else names
                first = values[0] if len(names) > 1 else (values[0],)
                given |= dict(zip((each.strip() for each in names), first, strict=True))
        yield test, given


async def test_what_is_started_on_a_node_is_as_what_is_started_here(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed, numbers = [], count()
    for test, given in cases():
        folder = tmp_path / f"case-{next(numbers)}"
        folder.mkdir()
        fixtures = {"bench": bench, "tmp_path": folder, "monkeypatch": monkeypatch, **given}
        wanted = inspect.signature(test).parameters
        try:
            await test(**{name: fixtures[name] for name in wanted})
        except pytest.skip.Exception:
            continue
        except (Exception, pytest.fail.Exception) as error:
            failed.append(f"{test.__name__}: {error!r}")
    assert not failed, "\n".join(failed)
