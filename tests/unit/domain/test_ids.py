"""Identifiers are never drawn twice: not by threads, not by a child process."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

from sagehen.domain.ids import Ids, SystemEntropy


def test_drawn_bits_fit_and_use_the_whole_range() -> None:
    entropy = SystemEntropy()
    for bits in (1, 7, 8, 9, 128, 40_000):
        drawn = [entropy.getrandbits(bits) for _ in range(200)]
        assert all(number < 1 << bits for number in drawn)
        assert max(drawn) >> (bits - 1) == 1


def test_threads_draw_different_ids() -> None:
    ids = Ids()
    with ThreadPoolExecutor(8) as pool:
        drawn = [
            one for many in pool.map(lambda _: [ids.hex(32) for _ in range(500)], range(8)) for one in many
        ]
    assert len(set(drawn)) == 4000


def test_a_child_process_does_not_repeat_its_parent() -> None:
    ids = Ids()
    ids.hex(32)  # the pool is filled
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, ids.hex(32).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as pipe:
        assert pipe.read() != ids.hex(32)
