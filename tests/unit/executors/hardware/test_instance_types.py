from __future__ import annotations

import pytest

from sagehen.executors.base import Limits
from sagehen.executors.hardware.instance_types import all_types, lookup, prices_note, scaled_limits


@pytest.mark.parametrize(
    ("name", "vcpus", "memory_gib", "gpus"),
    [
        ("ml.m5.xlarge", 4, 16, 0),
        ("ml.t2.medium", 2, 4, 0),
        ("t3.micro", 2, 1, 0),
        ("ml.c5.2xlarge", 8, 16, 0),
        ("ml.r5.large", 2, 16, 0),
        ("ml.p3.2xlarge", 8, 61, 1),
        ("ml.g4dn.12xlarge", 48, 192, 4),
        ("ml.p5.48xlarge", 192, 2048, 8),
    ],
)
def test_known_types(name: str, vcpus: int, memory_gib: float, gpus: int) -> None:
    found = lookup(name)
    assert found is not None
    assert (found.vcpus, found.memory_gib, found.gpus) == (vcpus, memory_gib, gpus)
    assert bool(found.gpu) == bool(gpus)


def test_unknown_types_are_none() -> None:
    assert lookup("ml.z9.huge") is None
    assert lookup("ml.t3.micro") is None  # EC2 has it, SageMaker has not


def test_every_row_is_sane_and_prices_say_what_they_are() -> None:
    rows = all_types()
    assert len({row.name for row in rows}) == len(rows) > 100
    assert all(row.vcpus > 0 and row.memory_gib > 0 and row.network for row in rows)
    assert all(row.usd_per_hour is None or 0 < row.usd_per_hour < 200 for row in rows)
    assert "pproximate" in prices_note() and "2025" in prices_note()


def test_limits_are_nominal_on_a_large_host_and_scaled_on_a_small_one() -> None:
    xlarge = lookup("ml.m5.xlarge")
    assert xlarge is not None
    assert scaled_limits(xlarge, 64, 262144) == Limits(4.0, 16384, 1024, 8192, 8192)
    assert scaled_limits(xlarge, 2, 8192) == Limits(2.0, 6553, 1024, 3276, 3276)
