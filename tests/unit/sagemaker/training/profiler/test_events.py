"""System metrics from two samples, in the form that smdebug's readers parse."""

from __future__ import annotations

import json

import pytest

from sagehen.executors.base import Limits, Usage
from sagehen.executors.hardware.gpu_use import GpuUse
from sagehen.executors.processes.activity import Activity
from sagehen.services.sagemaker.training.profiler.events import Sample, events_between
from sagehen.services.sagemaker.training.profiler.files import Minute

_LIMITS = Limits(cpus=2.0, memory_mib=1000)


def _sample(at: float, cpu_s: float = 0.0, *, stalled_s: float | None = None, moved: int = 0) -> Sample:
    activity = Activity(moved, 2 * moved, 3 * moved, 4 * moved, stalled_s)
    usage = Usage(cpu_s, 250 * 2**20, 250 * 2**20)
    return Sample(at, 1_591_748_109.25 + at, usage, activity, (GpuUse("gpu0", 12.0, 34.0),))


def test_what_two_samples_say_together() -> None:
    before, now = _sample(0.0, stalled_s=0.0), _sample(2.0, 3.0, stalled_s=0.5, moved=1000)
    events = events_between(before, now, _LIMITS, "algo-1")
    assert [(e.kind, e.name, e.dimension, e.value) for e in events] == [
        ("cpu", "cpu0", "CPUUtilization", 75.0),
        ("cpu", "cpu0", "I/OWaitPercentage", 25.0),
        ("cpu", "cpu1", "CPUUtilization", 75.0),
        ("cpu", "cpu1", "I/OWaitPercentage", 25.0),
        ("memory", "MemoryUsedPercent", "", 25.0),
        ("network", "ReceiveBytesPerSecond", "Algorithm", 1500.0),
        ("network", "TransmitBytesPerSecond", "Algorithm", 2000.0),
        ("i/o", "ReadThroughputInBytesPerSecond", "", 500.0),
        ("i/o", "WriteThroughputInBytesPerSecond", "", 1000.0),
        ("gpu", "gpu0", "GPUUtilization", 12.0),
        ("gpu", "gpu0", "GPUMemoryUtilization", 34.0),
    ]


def test_a_line_is_what_smdebug_s_own_traces_look_like() -> None:
    """Recorded: tests/profiler/resources/test_traces of awslabs/sagemaker-debugger."""
    event = events_between(_sample(0.0), _sample(1.0, 0.0272), _LIMITS, "algo-1")[0]
    assert event.line().endswith("}\n")
    assert json.loads(event.line()) == {
        "Type": "cpu", "Name": "cpu0", "Dimension": "CPUUtilization", "Value": 1.36, "NodeId": "algo-1",
        "Timestamp": 1_591_748_110.25,
    }  # fmt: skip


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_no_time_between_samples_says_nothing(seconds: float) -> None:
    assert events_between(_sample(0.0), _sample(seconds, 5.0), _LIMITS, "algo-1") == []


def test_what_a_kernel_or_a_shared_network_does_not_count_is_left_out() -> None:
    nothing = Activity(0, 0)
    samples = [Sample(at, at, Usage(at, 0, 0), nothing) for at in (0.0, 1.0)]
    events = events_between(*samples, _LIMITS, "algo-2")
    assert {event.kind for event in events} == {"cpu", "memory", "i/o"}
    assert {event.dimension for event in events} == {"CPUUtilization", ""}


def test_a_minute_s_key_is_in_the_folder_of_its_hour() -> None:
    event = events_between(_sample(0.0), _sample(1.0), _LIMITS, "algo-1")[0]
    # Documented: smdebug's get_utctimestamp_us_since_epoch_from_system_profiler_file.
    assert Minute.of(event).key == "profiler-output/system/incremental/2020061000/1591748100.algo-1.json"
