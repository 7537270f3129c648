"""A machine that stands still while its disks are copied."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from sagehen.executors.machines import pause


def test_who_is_let_go_on_by_another_is_stopped_again(monkeypatch: pytest.MonkeyPatch) -> None:
    process = subprocess.Popen(["sleep", "60"])
    sent: list[int] = []
    kill = os.kill

    def stop(pid: int, number: int) -> None:
        kill(pid, number)
        if not sent:  # as one that still runs would
            kill(pid, signal.SIGCONT)
        sent.append(number)

    monkeypatch.setattr(os, "kill", stop)
    try:
        assert pause.stop_all(process.pid) == [process.pid]
        assert pause._state(process.pid) == "T"
    finally:
        process.kill()
        process.wait()
    assert sent[:2] == [signal.SIGSTOP, signal.SIGSTOP]
