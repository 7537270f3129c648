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

# These start real jobs, endpoints and functions. CI runs what is marked so
# twice: as an ordinary user, and as root.
STARTS_SANDBOXES = ("conformance/lambda_/", "conformance/test_sagemaker", "conformance/test_stateful", "e2e/")
# But these are of the clients' side alone: as root they would show nothing new.
STARTS_NONE = ("e2e/test_aws_cli", "e2e/test_aws_toolkits", "e2e/test_printed_commands")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(folder).as_posix()
        if place.startswith(STARTS_SANDBOXES) and not place.startswith(STARTS_NONE):
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
