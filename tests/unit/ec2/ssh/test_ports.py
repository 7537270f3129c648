from __future__ import annotations

import pytest

from sagehen.services.ec2.ssh.ports import MOST_PORTS, listened


@pytest.mark.parametrize(
    ("ranges", "found"),
    [
        ([], set()),
        ([(22, 22)], set()),
        ([(2222, 2222)], set()),  # SSH's own here
        ([(8888, 8888), (6006, 6008)], {8888, 6006, 6007, 6008}),
        ([(0, 0)], set()),
        ([(65535, 65535)], {65535}),
    ],
)
def test_narrow_ranges_are_listened_at(ranges: list[tuple[int, int]], found: set[int]) -> None:
    assert listened(ranges, 2222) == found


def test_all_ports_are_the_usual_ones_and_take_no_place_from_single_ones() -> None:
    ports = listened([(0, 65535), (41234, 41234)], 22)
    assert {41234, 8888, 80, 443} <= ports
    assert len(ports) <= MOST_PORTS
    assert 22 not in ports


def test_many_ranges_stay_within_the_bound() -> None:
    assert len(listened([(1000 * n, 1000 * n + 99) for n in range(1, 60)], 22)) <= MOST_PORTS
