"""Gloo's threads: the transport's get the batch policy, and a script waits for its workers at its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sagehen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="scheduling policies are Linux's")

# Threads with gloo's name, in a process of their own: nobody else's policies are changed.
PROCESS = """
import os, pathlib, threading, time
from sagehen.trainingtoolkit import transport

def thread(name):
    def sleep():
        pathlib.Path(f"/proc/self/task/{threading.get_native_id()}/comm").write_text(name)
        ready.set()
        time.sleep(60)
    ready = threading.Event()
    made = threading.Thread(target=sleep, daemon=True)
    made.start()
    ready.wait()
    return made.native_id

early, other = thread("gloo_tcp_loop"), thread("pt_gloo_runloop")
assert transport.calm() == {early}
assert os.sched_getscheduler(early) == os.SCHED_BATCH
assert os.sched_getscheduler(other) == os.sched_getscheduler(0) == os.SCHED_OTHER

transport.keep_calm()
late = thread("gloo_tcp_loop")
deadline = time.monotonic() + 60
while os.sched_getscheduler(late) != os.SCHED_BATCH and time.monotonic() < deadline:
    time.sleep(0.01)
assert os.sched_getscheduler(late) == os.SCHED_BATCH
assert os.sched_getscheduler(other) == os.SCHED_OTHER
print("calm", flush=True)
os._exit(0)
"""


def test_transport_threads_become_batch_threads_and_no_others() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROCESS], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stdout == "calm\n", run.stderr


# A worker that is still at it when the script has done everything.
LATE_WORKER = """
import pathlib, sys, threading, time, types
sys.modules["torch"] = types.ModuleType("torch")
def work():
    pathlib.Path(f"/proc/self/task/{threading.get_native_id()}/comm").write_text("pt_gloo_runloop")
    began.set()
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        pass
    print("let go", flush=True)
    time.sleep(60)
began = threading.Event()
threading.Thread(target=work, daemon=True).start()
began.wait()
print("ended", flush=True)
"""


@pytest.mark.parametrize(
    ("ranks", "last", "printed"),
    [
        ("2", "", "ended\nlet go\n"),
        ("1", "", "ended\n"),
        ("2", "sys.path.clear(); sys.modules.pop('sagehen', None)\n", "ended\n"),
    ],
)
def test_a_rank_ends_when_gloos_workers_have_let_go(ranks: str, last: str, printed: str) -> None:
    """As every Python of a job starts; torchrun tells how many ranks there are."""
    source = Path(sagehen.__file__).parents[1]
    path = os.pathsep.join((str(source / "sagehen/trainingtoolkit/start"), str(source)))
    ended = subprocess.run(
        [sys.executable, "-c", LATE_WORKER + last],
        env=os.environ | {"WORLD_SIZE": ranks, "PYTHONPATH": path},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert (ended.stdout, ended.stderr) == (printed, "")
