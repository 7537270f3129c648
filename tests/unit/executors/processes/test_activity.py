"""What processes read, write and send, by the kernel's counters."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from sagehen.executors.processes.activity import ActivityReader


def test_counters_of_a_process_and_its_children_never_go_backwards(tmp_path: Path) -> None:
    writes = (
        "import os,sys; f=open(sys.argv[1],'wb'); f.write(b'x'*1_000_000); f.flush(); os.fsync(f.fileno())"
    )
    reader = ActivityReader(os.getpid(), own_network=False)
    before = reader.read()
    program = f"{writes}; print('done', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "file")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stdin is not None
        assert child.stdout.readline() == b"done\n"
        during = reader.read()
    after = reader.read()
    assert during.written_bytes >= before.written_bytes
    assert after.written_bytes >= during.written_bytes and after.read_bytes >= during.read_bytes
    assert (after.received_bytes, after.sent_bytes) == (None, None)


def test_traffic_of_a_network_is_counted_where_it_is_the_job_s_own() -> None:
    reader = ActivityReader(os.getpid(), own_network=True)
    before = reader.read()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as out,
    ):
        into, _ = server.accept()
        with into:
            out.sendall(b"x" * 100_000)
            received = 0
            while received < 100_000:
                received += len(into.recv(65536))
    after = reader.read()
    assert before.sent_bytes is not None and after.sent_bytes is not None
    assert after.sent_bytes - before.sent_bytes >= 100_000


def test_a_process_that_is_gone_has_done_nothing() -> None:
    activity = ActivityReader(2**22 + 1, own_network=True).read()
    assert (activity.read_bytes, activity.written_bytes, activity.received_bytes) == (0, 0, None)
