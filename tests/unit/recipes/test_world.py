"""Several ranks on few cores: what they wait for, and what must not push them aside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time

import pytest

from .conftest import RECIPE

pytestmark = pytest.mark.torch

POLICIES = """
import os, pathlib
from world import World
world = World()
for thread in pathlib.Path("/proc/self/task").iterdir():
    print((thread / "comm").read_text().strip(), os.sched_getscheduler(int(thread.name)))
world.close()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="scheduling policies are Linux's")
def test_gloos_transport_may_not_preempt_the_ranks_own_threads() -> None:
    shared = os.environ | {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", POLICIES],
            cwd=RECIPE,
            env=shared | {"RANK": str(rank), "CUDA_VISIBLE_DEVICES": ""},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in (1, 0)
    ]
    for rank in ranks:
        threads = [line.split() for line in rank.communicate(timeout=60)[0].splitlines()]
        assert {int(policy) for name, policy in threads if name == "gloo_tcp_loop"} == {os.SCHED_BATCH}
        assert {int(policy) for name, policy in threads if name != "gloo_tcp_loop"} == {os.SCHED_OTHER}


def test_a_rank_that_comes_first_waits_no_longer_than_for_the_leader() -> None:
    from world import await_leader

    with socket.socket() as leader:
        leader.bind(("127.0.0.1", 0))
        port = leader.getsockname()[1]
        waiting = threading.Thread(target=await_leader, args=("127.0.0.1", port))
        waiting.start()
        time.sleep(0.1)
        assert waiting.is_alive()
        leader.listen()
        waiting.join(timeout=10)
        assert not waiting.is_alive()


def test_a_leader_that_never_comes_is_left_to_torchs_own_words() -> None:
    from world import await_leader

    assert not await_leader("127.0.0.1", free_port(), patience_s=0.05)
    assert not await_leader("nobody.invalid", 1, patience_s=0.05)
