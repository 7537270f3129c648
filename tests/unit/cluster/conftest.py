"""A node of this machine, and what starts scripts on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.executors.conftest import PLATFORM_PORT, Bench, MakeExecutor, make_executor, open_door
from tests.waiting import sandboxes_have_ended

from .bench import NODE, Cluster
from .stores import near, store

__all__ = ["make_executor", "near", "store"]


@pytest.fixture
async def cluster(
    make_executor: MakeExecutor, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Cluster]:
    """Its param is for how long the two sides wait for one another, in seconds."""
    cluster = Cluster(make_executor(), tmp_path, PLATFORM_PORT, open_door, getattr(request, "param", 60.0))
    await cluster.start()
    yield cluster
    await cluster.close()
    await sandboxes_have_ended()


@pytest.fixture
def bench(cluster: Cluster, tmp_path: Path) -> Bench:
    return Bench(cluster.executor, tmp_path, None, NODE)
