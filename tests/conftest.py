"""What every test may ask for: a clock that stands still, ids from a seed, a database of its own."""

from __future__ import annotations

import functools
import gc
import random
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import psutil
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

# A session of botocore reads the models of its services anew, 0.1 s of a processor for a client of a test:
# all sessions of a process share what was read, as the clients of one do.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)

# What tests share tells what it compared, as they do.
TESTS = Path(__file__).parent
pytest.register_assert_rewrite(
    *(
        f"tests.{place.stem}"
        for place in TESTS.iterdir()
        if place.stem not in ("__init__", "__pycache__", "conftest")
    )
)

# CI runs what is marked `sandbox`, and not `once`, as an ordinary user and as root, for whom sandboxes are
# built in another way. These show it through the API, all of them.
STARTS_SANDBOXES = ("conformance/sagemaker/",)


def _starts_sandboxes(path: Path) -> bool:
    return path.relative_to(TESTS).as_posix().startswith(STARTS_SANDBOXES)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files where `-m sandbox...` finds nothing: importing them takes as long as its tests."""
    if not config.option.markexpr.startswith("sandbox") or not collection_path.match("test_*.py"):
        return None
    return None if _starts_sandboxes(collection_path) or "sandbox" in collection_path.read_text() else True


def pytest_xdist_auto_num_workers() -> int:
    """How many `-n auto` means.

    Journeys wait for what they started, so that three workers keep one processor busy (a whole run on two
    took 841 s with four workers, 609 s with six); a worker and what its tests start take up to 2 GiB.
    """
    fitting = psutil.virtual_memory().total // (2 << 30)
    return max(2, min(3 * len(psutil.Process().cpu_affinity() or [0]), fitting, 16))


# Journeys wait most of their time, the rest computes: side by side they fill the processors. Those of a
# minute and more begin first, so that none is left alone at the end.
JOURNEYS = ("e2e", "stress", "members")
LONGEST = ("test_demo", "test_pages", "test_sagemaker_sdk", "test_members", "test_restarts", "test_crashes")


# Collecting 17,000 tests makes millions of objects that stay: looking for garbage among them took a quarter
# of its time (8 s of 31), and a second at a time in the tests after it.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if _starts_sandboxes(item.path):
            item.add_marker(pytest.mark.sandbox)
    if hasattr(config, "workerinput"):  # several at once, a file at a time
        items[:] = _mixed(items)


def _mixed(items: list[pytest.Item]) -> list[pytest.Item]:
    """Return the files of journeys spread evenly among those of the others, up to the last fifth."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    journeys = [path for path in files if path.relative_to(TESTS).parts[0] in JOURNEYS]
    journeys.sort(key=lambda path: LONGEST.index(path.stem) if path.stem in LONGEST else len(LONGEST))
    others = [path for path in files if path not in journeys]
    places = {path: 0.8 * number / len(journeys) for number, path in enumerate(journeys)}
    places |= {path: (number + 1) / len(others) for number, path in enumerate(others)}
    return [item for path in sorted(places, key=places.__getitem__) for item in files[path]]


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
