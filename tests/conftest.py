"""What every test may ask for: a clock that stands still, ids from a seed, a database of its own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sagehen.domain.clock import ManualClock
from sagehen.domain.ids import Ids
from sagehen.store.database import Database

# By default an example fails that takes more than 200 ms by the clock, which on a busy machine any may.
settings.register_profile(
    "sagehen", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("sagehen")

# CI runs what is marked `sandbox`, and not `once`, as an ordinary user and as root, for whom sandboxes are
# built in another way. These show it through the API, all of them.
STARTS_SANDBOXES = ("conformance/sagemaker/",)


def _starts_sandboxes(path: Path) -> bool:
    return path.relative_to(Path(__file__).parent).as_posix().startswith(STARTS_SANDBOXES)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files where `-m sandbox...` finds nothing: importing them takes as long as its tests."""
    if not config.option.markexpr.startswith("sandbox") or not collection_path.match("test_*.py"):
        return None
    return None if _starts_sandboxes(collection_path) or "sandbox" in collection_path.read_text() else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _starts_sandboxes(item.path):
            item.add_marker(pytest.mark.sandbox)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ids() -> Ids:
    return Ids(random.Random(7))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "metadata.sqlite")
    yield database
    database.close()
