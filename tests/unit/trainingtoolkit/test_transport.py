"""Gloo's transport threads get the batch policy, whenever the script opens its process groups."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
