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

# CI runs what is marked so twice: as an ordinary user, and as root, for whom sandboxes are built in another
# way. These show it through the API; the rest of tests/e2e asks nothing more of a sandbox and runs once.
STARTS_SANDBOXES = ("conformance/sagemaker/", "e2e/test_demo", "e2e/test_hostile")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    for item in items:
        if item.path.relative_to(folder).as_posix().startswith(STARTS_SANDBOXES):
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
