"""`sagehen instances`: what is chosen, and what it says of this machine."""

from __future__ import annotations

from sagehen.cli.instances.types import Host, chosen, table
from sagehen.executors.hardware.instance_types import InstanceType, all_types

KINDS = [
    InstanceType("big", 8, 32, 1, "NVIDIA L4", "fast", 0.9),
    InstanceType("small", 2, 4, 0, "", "slow", 0.05),
    InstanceType("secret", 2, 4, 1, "NVIDIA L4", "slow", None),
    InstanceType("chip", 4, 16, 0, "AWS Inferentia2", "slow", 0.5),
]


def names(pattern: str = "*", *, gpu: bool = False, max_price: float | None = None) -> list[str]:
    return [kind.name for kind in chosen(KINDS, pattern, gpu=gpu, max_price=max_price)]


def test_the_cheapest_come_first_and_unknown_prices_last() -> None:
    assert names() == ["small", "chip", "big", "secret"]
    assert names(gpu=True) == ["big", "secret"]
    assert names(max_price=0.5) == ["small", "chip"]
    assert names("s*") == ["small", "secret"]


def test_what_a_machine_gives() -> None:
    head, *rows = table(KINDS, Host(cpus=4, memory_mib=8192, gpus=0))
    assert head.split() == ["type", "vCPUs", "GiB", "GPUs", "USD/h", "here"]
    assert rows[0].endswith("0.9000  4 CPUs, 6.4 GiB, 0 GPUs")
    assert rows[1].endswith("0.0500  all of it")
    assert rows[2].endswith("?  2 CPUs, 4.0 GiB, 0 GPUs")
    [row] = table(KINDS[:1], Host(cpus=64, memory_mib=256 * 1024, gpus=2))[1:]
    assert row.endswith("all of it")


def test_the_whole_catalogue_fits_a_terminal() -> None:
    assert max(map(len, table(all_types(), Host(2, 8192, 0)))) <= 110
