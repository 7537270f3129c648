"""The load generator's own ceiling beside wrk's, and by how much its requests leave late."""

from __future__ import annotations

import contextlib
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.processes import accepts, free_port, server, wait_until
from benchmarks.table import Row, Table, milliseconds, per_second

_REPOSITORY = Path(__file__).parent.parent
_ROUNDS = 5
_SECONDS = 2
_CONNECTIONS = 32
# What no single process reaches here: the rest is counted as not sent.
_TOO_MUCH = 30_000
_STEADY = (100, 1000)

T = TypeVar("T")


def measure(say: Callable[[str], None]) -> Table:
    """Let both ask one local server for as much as they can, in turn; then ask for less, on time."""
    wrk = shutil.which("wrk")
    ours: list[tuple[float, float]] = []
    theirs: list[tuple[float, float]] = []
    late: dict[int, list[dict[str, float]]] = {rate: [] for rate in _STEADY}
    with _answering() as url:
        _, idle_s = _processor_s(lambda: _load(url, 1))
        for number in range(_ROUNDS):
            say(f"round {number + 1}/{_ROUNDS}")
            if wrk is not None:
                theirs.append(_ceiling(*_processor_s(lambda: _wrk(wrk, url)), 0.0))
            ours.append(_ceiling(*_processor_s(lambda: _most(url)), idle_s))
            for rate, found in late.items():
                found.append(_load(url, rate)["generator_late_ms"])
    rows = [_compared("most requests", ours, theirs, 0, per_second, "")]
    rows.append(
        _compared(
            "processor time of a request", ours, theirs, 1, lambda s: f"{s * 1e6:.0f} us",
            "without its start and its view",
        )
    )  # fmt: skip
    rows += [
        Row(
            f"late at {rate} requests/s, p50",
            milliseconds(_middle(found, "p50")),
            note=f"p99 {milliseconds(_middle(found, 'p99'))}, as it says itself",
        )
        for rate, found in late.items()
    ]
    return Table(
        "The load generator beside wrk",
        peer="wrk",
        method=(
            "One local server in Python (uvloop, httptools) that answers two bytes; wrk with one thread and "
            f"{_CONNECTIONS} connections, a closed loop; `sagehen load` with one sender and {_CONNECTIONS} "
            f"in flight, an open loop that is asked for {_TOO_MUCH:,} requests/s. Medians of {_ROUNDS} "
            f"rounds of {_SECONDS} s in turn."
        ),
        rows=rows,
    )


def _middle(found: list[dict[str, float]], name: str) -> float:
    """Return the median over the rounds of what is in milliseconds, in seconds."""
    return statistics.median(one[name] for one in found) / 1000


def _compared(
    what: str,
    ours: list[tuple[float, float]],
    theirs: list[tuple[float, float]],
    place: int,
    write: Callable[[float], str],
    note: str,
) -> Row:
    own = statistics.median(one[place] for one in ours)
    if not theirs:
        return Row(what, write(own), note=f"{note} wrk is not here (Debian: apt-get install wrk)".strip())
    peer = statistics.median(one[place] for one in theirs)
    return Row(what, write(own), write(peer), f"{own / peer:.2f} times", note)


def _ceiling(requests: float, processor_s: float, idle_s: float) -> tuple[float, float]:
    """Return requests per second, and seconds of processors for each."""
    return requests / _SECONDS, (processor_s - idle_s) / requests


def _processor_s(run: Callable[[], T]) -> tuple[T, float]:
    """Return what a run returns, and the seconds that its processes took of processors."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return result, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _wrk(wrk: str, url: str) -> float:
    command = [wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS}s", url]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found = re.search(r"(\d+) requests in", ran.stdout)
    assert found, ran.stdout
    return float(found[1])


def _most(url: str) -> float:
    return float(_load(url, _TOO_MUCH)["requests"]["succeeded"])


def _load(url: str, rate: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "sagehen.cli", "load", url, "--rate", str(rate)]
    command += ["--duration", f"{_SECONDS}s", "--max-in-flight", str(_CONNECTIONS), "--json", "-"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


@contextlib.contextmanager
def _answering() -> Iterator[str]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.servers.ok", str(port)]
        with server(command, log=Path(folder) / "log", cwd=_REPOSITORY):
            wait_until(lambda: accepts(port), seconds=20, what="the server's start")
            yield f"http://127.0.0.1:{port}/"
