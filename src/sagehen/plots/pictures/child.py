"""The drawing process: reads pictures from its input, writes PNGs to its output, ends with its input.

It ends by itself when nobody has asked for a while, and when a drawing takes too long or too much memory:
limits are its own, so that nothing is left over when the platform is killed.
"""

from __future__ import annotations

import logging
import os
import resource
import select
import signal
import sys
import traceback

from sagehen.plots.chart import Chart
from sagehen.plots.pictures.frames import ANSWER, LENGTH, MAX_BYTES, MISSING, PNG, TROUBLE, decoded

# Of address space: matplotlib and NumPy have 600 MB of it, a picture of 2000 x 2000 pixels 16 MB.
_MEMORY_BYTES = 2 << 30


def main() -> None:
    """Run until the input ends; `argv` has a drawing's seconds of a processor, and those of idleness."""
    seconds, idle_s = int(sys.argv[1]), float(sys.argv[2])
    _limit()
    # The answers' own descriptor: what a library prints goes to the errors.
    answers = os.dup(1)
    os.dup2(2, 1)
    ready: bool | None = None
    while select.select([0], [], [], idle_s)[0]:
        body = _read_message()
        if body is None:
            return
        if ready is None:
            ready = _import_drawers()
        # Of processor time: on a busy machine a drawing takes longer. The signal's default action is the end.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        kind, answer = _drawn(body) if ready else (MISSING, b"")
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(answers, ANSWER.pack(kind, len(answer)) + answer)


def _limit() -> None:
    for kind, most in ((resource.RLIMIT_AS, _MEMORY_BYTES), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _import_drawers() -> bool:
    try:
        import matplotlib
    except ImportError:
        return False
    # Neither settings nor fonts of whoever runs the platform, and nothing written to a disk: caches of fonts
    # are looked for in a folder that cannot be.
    matplotlib.get_configdir = matplotlib.get_cachedir = lambda: "/dev/null/none"
    logging.disable()
    import sagehen.plots.pictures.drawn.chart
    import sagehen.plots.pictures.drawn.totals  # noqa: F401

    return True


def _drawn(body: bytes) -> tuple[bytes, bytes]:
    from sagehen.plots.pictures.drawn.chart import draw_chart
    from sagehen.plots.pictures.drawn.totals import draw_totals

    try:
        picture = decoded(body)
        return PNG, draw_chart(picture) if isinstance(picture, Chart) else draw_totals(picture)
    except (Exception, MemoryError) as error:
        traceback.print_exc()
        return TROUBLE, f"{type(error).__name__}: {error}"[:500].encode()


def _read_message() -> bytes | None:
    head = _read(LENGTH.size)
    if head is None:
        return None
    (length,) = LENGTH.unpack(head)
    return _read(length) if length <= MAX_BYTES else None


def _read(count: int) -> bytes | None:
    parts = []
    while count:
        part = os.read(0, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    main()
