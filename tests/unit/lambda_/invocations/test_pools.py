"""Which environment of a function's pool an invocation gets, and which are given up."""

from __future__ import annotations

import pytest
from tests.unit.lambda_.versions_under_test import StillEnvironment, version

from sagehen.services.lambda_.invocations.pools import EnvironmentPool


def pool_of(*kept: tuple[str, str, float]) -> tuple[EnvironmentPool, list[StillEnvironment]]:
    """Return a pool that took back environments of (version, revision) at a time, one after the other."""
    pool, environments = EnvironmentPool.new(10, 0.0), []
    for number, revision, at in kept:
        function = version(number, revision)
        pool.outdated(function)
        environments.append(StillEnvironment(function))
        assert pool.keep(environments[-1], at)  # type: ignore[arg-type]
    return pool, environments


@pytest.mark.parametrize(
    ("kept", "wanted", "unusable", "taken"),
    [
        ([], "1", [], None),
        ([("1", "a", 0)], "1", [], 0),
        ([("1", "a", 0)], "2", [], None),
        ([("1", "a", 0), ("1", "a", 1)], "1", [], 1),  # the one used last
        ([("1", "a", 0), ("2", "b", 1)], "1", [], 0),
        ([("1", "a", 0), ("1", "a", 1)], "1", [1], 0),  # one that ended meanwhile is passed over
        ([("1", "a", 0)], "1", [0], None),
    ],
)
def test_taken(
    kept: list[tuple[str, str, float]], wanted: str, unusable: list[int], taken: int | None
) -> None:
    pool, environments = pool_of(*kept)
    for index in unusable:
        environments[index].is_usable = False
    found = pool.take(version(wanted))
    assert found is (None if taken is None else environments[taken])


@pytest.mark.parametrize(
    ("in_use", "comes_back", "usable", "kept"),
    [
        ("a", "a", True, True),
        ("a", "a", False, False),
        ("b", "a", True, False),  # an update came while it ran
    ],
)
def test_kept(in_use: str, comes_back: str, usable: bool, kept: bool) -> None:
    pool, _ = pool_of()
    pool.outdated(version("1", in_use))
    environment = StillEnvironment(version("1", comes_back), is_usable=usable)
    assert pool.keep(environment, 0.0) is kept  # type: ignore[arg-type]
    assert pool.is_empty is not kept


def test_a_drained_pool_takes_nothing_back_until_it_is_used_again() -> None:
    pool, environments = pool_of(("1", "a", 0))
    assert pool.drain() == environments
    assert not pool.keep(environments[0], 1.0)  # type: ignore[arg-type]
    assert pool.outdated(version("1", "a")) == []
    assert pool.keep(environments[0], 1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before_s", "unusable", "expired"),
    [
        (0.0, [], []),
        (1.0, [], [0]),
        (1.5, [], [0, 1]),
        (9.0, [], [0, 1, 2]),
        (0.0, [1], [1]),
    ],
)
def test_expired(before_s: float, unusable: list[int], expired: list[int]) -> None:
    pool, environments = pool_of(("1", "a", 0), ("1", "a", 1), ("2", "b", 2))
    for index in unusable:
        environments[index].is_usable = False
    assert pool.expired(before_s) == [environments[index] for index in expired]
    assert len(list(pool.environments())) == 3 - len(expired)


def test_another_revision_gives_up_those_of_the_old_one_of_that_version_alone() -> None:
    pool, environments = pool_of(("1", "a", 0), ("2", "a", 0))
    assert pool.outdated(version("1", "b")) == environments[:1]
    assert list(pool.environments()) == environments[1:]


async def test_who_waits_gets_what_comes_back_in_order() -> None:
    pool, _ = pool_of()
    function = version("1", "a")
    pool.outdated(function)
    gone, first, second = (pool.wait(function) for _ in range(3))
    gone.cancel()
    returned = [StillEnvironment(function) for _ in range(3)]
    assert all([pool.keep(one, 0.0) for one in returned])  # type: ignore[arg-type]
    assert [first.result(), second.result()] == returned[:2]
    assert list(pool.environments()) == returned[2:]
