"""Several ranks on few cores: what they wait for, and what must not push them aside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import HANGS_S, RECIPE, free_port

pytestmark = pytest.mark.torch

# With a sum at the start: nobody may leave, and take the store along, before everybody has come.
POLICIES = """
import os, pathlib, torch
from world import World
world = World()
world.sum(torch.ones(1))
for thread in pathlib.Path("/proc/self/task").iterdir():
    print((thread / "comm").read_text().strip(), os.sched_getscheduler(int(thread.name)))
world.close()
"""


# A thread with the name of gloo's workers, still at it when the script has done everything.
LATE_WORKER = """
import pathlib, threading, time, torch
from world import World
def work():
    pathlib.Path(f"/proc/self/task/{threading.get_native_id()}/comm").write_text("pt_gloo_runloop")
    began.set()
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        pass
    print("let go", flush=True)
    time.sleep(60)
world, began = World(), threading.Event()
world.sum(torch.ones(1))
threading.Thread(target=work, daemon=True).start()
began.wait()
world.close()
print("closed", flush=True)
"""


def run_two_ranks(script: str) -> Iterator[str]:
    """Run a script as two ranks; what each of them printed."""
    shared = os.environ | {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=RECIPE,
            env=shared | {"RANK": str(rank), "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (1, 0)
    ]
    ends = [(*rank.communicate(timeout=HANGS_S), rank.returncode) for rank in ranks]
    for output, errors, code in ends:
        assert code == 0, errors
        yield output


@pytest.mark.skipif(sys.platform != "linux", reason="scheduling policies are Linux's")
def test_gloos_transport_may_not_preempt_the_ranks_own_threads() -> None:
    for output in run_two_ranks(POLICIES):
        threads = [line.split() for line in output.splitlines()]
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
        waiting.join(timeout=60)
        assert not waiting.is_alive()


def test_a_leader_that_never_comes_is_left_to_torchs_own_words() -> None:
    from world import await_leader

    assert not await_leader("127.0.0.1", free_port(), patience_s=0.05)
    assert not await_leader("nobody.invalid", 1, patience_s=0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="threads' states and policies are Linux's")
def test_a_rank_ends_only_after_gloos_workers() -> None:
    assert list(run_two_ranks(LATE_WORKER)) == ["let go\nclosed\n"] * 2


def test_idle_transport_is_awaited_only_so_long(tmp_path: Path) -> None:
    from world import await_idle_transport

    assert await_idle_transport(tasks=tmp_path)  # there is none
    worker = tmp_path / "7"
    worker.mkdir()
    (worker / "comm").write_text("pt_gloo_runloop\n")
    (worker / "status").write_text("Name:\tpt_gloo_runloop\nState:\tR (running)\n")
    assert not await_idle_transport(0.05, tmp_path)
    (worker / "status").write_text("State:\tS (sleeping)\nvoluntary_ctxt_switches:\t3\n")
    assert await_idle_transport(tasks=tmp_path)
