"""What machines did, as metrics."""

from __future__ import annotations

from sagehen.executors.machines.volumes.volume import Work
from sagehen.executors.traffic import Carried
from sagehen.services.ec2.instances.metrics import Look, measured

FIRST = Look(100.0, 5.0, Carried(10, 20, 1, 2), {"vol-1": Work(512, 1024, 1, 2)})


def _values(before: Look | None, now: Look, *, nitro: bool = True) -> dict[str, float]:
    return {name: value for name, value, _ in measured(before, now, cpus=2, nitro=nitro)}


def test_sums_are_of_the_minute_and_cpu_of_what_the_instance_has() -> None:
    disks = {"vol-1": Work(1024, 5120, 3, 4), "vol-2": Work(0, 512, 0, 1)}
    assert _values(FIRST, Look(160.0, 35.0, Carried(110, 25, 6, 3), disks)) == {
        **{"CPUUtilization": 25.0, "NetworkIn": 100, "NetworkOut": 5},
        **{"NetworkPacketsIn": 5, "NetworkPacketsOut": 1},
        **{"EBSReadBytes": 512, "EBSWriteBytes": 4608, "EBSReadOps": 2, "EBSWriteOps": 3},
    }


def test_a_first_look_counts_from_the_launch_and_knows_no_cpu() -> None:
    found = _values(None, FIRST)
    assert "CPUUtilization" not in found
    assert (found["NetworkOut"], found["EBSWriteBytes"]) == (20, 1024)


def test_what_nobody_measures_is_not_sent() -> None:
    nowhere = Look(160.0, 5.0, Carried(), {})
    assert not [name for name in _values(None, nowhere) if name.startswith("EBS")]
    assert not [name for name in _values(None, FIRST, nitro=False) if name.startswith("EBS")]
