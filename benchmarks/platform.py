"""The platform itself: its start, its idle memory, its reset."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from benchmarks.processes import Platform, pss_bytes
from benchmarks.signed import client
from benchmarks.table import Row, Table, milliseconds

_STARTS = 7
_RESETS = 15
_SETTLE_S = 3.0


def measure(say: Callable[[str], None]) -> Table:
    """Start it again and again on one data folder; then look at its memory; then empty it often."""
    starts = []
    with Platform("--allow-reset") as platform:
        say("the first start, on an empty data folder")
        first = platform.start_s
        for number in range(_STARTS):
            say(f"start {number + 1}/{_STARTS}")
            platform.stop()
            platform.start()
            starts.append(platform.start_s)
        say("idle memory")
        time.sleep(_SETTLE_S)
        idle = platform.pss_bytes()
        beside = sum(1 for _ in platform.children())
        resets = _resets(platform, say)
    with Platform("--warm") as warm:
        say("memory of the warm parent")
        time.sleep(_SETTLE_S + 5)
        parents = sum(pss_bytes(child.pid) for child in warm.children())
    return Table(
        "Start, memory, reset",
        method=f"Medians of {_STARTS} starts with all files in the page cache, and of {_RESETS} resets.",
        rows=[
            Row("start of the process until the port is open", milliseconds(statistics.median(starts)),
                note=f"aim: 1 s; the first one, which makes the data folder: {milliseconds(first)}"),
            Row("idle memory (PSS) of the platform's process", f"{idle / 1e6:.0f} MB",
                note=f"aim: 150 MB; {beside} processes beside it"),
            Row("memory of the warm parent with torch (`--warm`)", f"{parents / 1e6:.0f} MB",
                note="else started by the first job, and shared by all of them"),
            Row("reset, as the client sees it", milliseconds(statistics.median(resets)),
                note="aim: 20 ms; with a bucket, an object and a log group in it"),
        ],
    )  # fmt: skip


def _resets(platform: Platform, say: Callable[[str], None]) -> list[float]:
    s3, logs = (client(name, platform.url, platform.keys) for name in ("s3", "logs"))
    seen = []
    for number in range(_RESETS):
        say(f"reset {number + 1}/{_RESETS}")
        s3.create_bucket(Bucket="to-be-emptied")
        s3.put_object(Bucket="to-be-emptied", Key="object", Body=b"x" * 10_000)
        logs.create_log_group(logGroupName="/to/be/emptied")
        seen.append(platform.reset())
    return seen
