"""The platform that the demo starts for itself, and the proof that nothing of it is left."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

PORT = 4566


def start(data_folder: Path, *options: str) -> tuple[dict[str, Any], float]:
    """Start Sagehen detached on `data_folder` with more options of `sagehen up`; return what it says of
    itself and the seconds it took.

    Raises:
        SystemExit: It did not start, and has said why.
    """
    began = time.perf_counter()
    port = PORT if _is_free(PORT) else 0
    _sagehen(
        "up",
        data_folder,
        *("--detach", "--warm", "--port", str(port)),
        # Half of the machine for each instance, so that two are to one what they are on AWS.
        *("--instance-cpus", str(max(1, cpus() // 2))),
        *options,
    )
    facts: dict[str, Any] = json.loads((data_folder / "platform.json").read_text())
    keys = json.loads((data_folder / "credentials.json").read_text())[facts["account_id"]]
    return {**facts, **keys}, time.perf_counter() - began


def stop(data_folder: Path) -> None:
    """Stop it and delete everything that it stored.

    Raises:
        SystemExit: It could not be stopped, and has said why.
    """
    _sagehen("down", data_folder, "--delete-data")


def leftovers(data_folder: Path, port: int) -> list[str]:
    """Return what is still there of the platform: processes, its port, its files."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        command = process.info["cmdline"] or []
        if any(str(data_folder) in word for word in command) and process.pid != psutil.Process().pid:
            found.append(f"process {process.pid}: {' '.join(command)[:100]}")
    if not _is_free(port):
        found.append(f"port {port} is still open")
    if data_folder.exists():
        found.append(f"folder {data_folder}")
    return found


def _sagehen(command: str, data_folder: Path, *options: str) -> None:
    words = [sys.executable, "-m", "sagehen.cli", command, "--data", str(data_folder), *options]
    if status := subprocess.run(words, stdout=subprocess.DEVNULL).returncode:
        sys.exit(status)  # below what it says, no traceback of ours


def cpus() -> int:
    """Return how many processors this machine lets us use."""
    return len(psutil.Process().cpu_affinity())


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections do not hold it
        try:
            probe.bind(("127.0.0.1", port))  # who holds it need not answer
        except OSError:
            return False
        return True
