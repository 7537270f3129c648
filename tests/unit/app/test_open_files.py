"""Descriptors are left for what is no connection."""

from __future__ import annotations

import resource

import pytest

from sagehen.app.open_files import connection_limit


@pytest.mark.parametrize(
    ("open_files", "connections"),
    [(20_000, 4096), (4096, 1792), (1024, 256), (256, 64), (resource.RLIM_INFINITY, 4096)],
)
def test_connection_limit(open_files: int, connections: int) -> None:
    assert connection_limit(open_files) == connections
