"""A worker process: the user's code, one batch of calls at a time, behind one end of a channel.

The first worker loads the model. If that left the process with a single thread and no CUDA
context, its siblings are forked from it and share the model's pages; otherwise each loads its own
(a fork would copy locked mutexes of thread pools that are gone in the child).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import traceback
from pathlib import Path

from sagehen.modelserver import messages
from sagehen.modelserver.hooks.handler import Handler
from sagehen.modelserver.lanes.channel import Channel
from sagehen.modelserver.requirements_file import install_requirements
from sagehen.modelserver.settings import Settings
from sagehen.modelserver.workers import randomness
from sagehen.modelserver.workers.lanes import LaneServer
from sagehen.modelserver.workers.memory import keep_freed_memory


def run_worker(settings: Settings, channel: Channel, siblings: list[Channel], threads: int | None) -> None:
    """Load the model, say so, and serve until the front process hangs up. Never returns.

    Args:
        channel: To the front process.
        siblings: Further workers' channels, for clones of this one where cloning is safe.
        threads: Intra-op threads; None until it is known whether the handler takes batches.
    """
    code = 0
    try:
        _reset_signals()
        randomness.start_anew()
        _limit_threads(
            threads if threads is not None else settings.threads_per_worker(settings.worker_count(False))
        )
        seeds = randomness.Seeds(settings.framework)
        try:
            if settings.packages is not None:
                install_requirements(settings.code_dir, settings.packages)
            handler = Handler(settings)
        except Exception as error:
            traceback.print_exc()
            _say(channel, {"failed": f"{type(error).__name__}: {error}"})
            code = 1
        else:
            keep_freed_memory()
            channel = _clone(settings, handler, channel, siblings, threads, seeds)
            LaneServer(handler, channel).serve()
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        # The front process's event loop and exit handlers were copied by fork and are not ours to run.
        os._exit(code)


def _clone(
    settings: Settings,
    handler: Handler,
    channel: Channel,
    siblings: list[Channel],
    threads: int | None,
    seeds: randomness.Seeds,
) -> Channel:
    """Fork the siblings where that is safe, tell the front process, and return the own channel."""
    if handler.takes_batches and threads is None:
        _limit_threads(settings.threads_per_worker(settings.worker_count(True)))
    wanted = settings.worker_count(handler.takes_batches) - 1
    cloned = 0
    if wanted > 0 and _may_fork():
        for sibling in siblings[:wanted]:
            if os.fork() == 0:
                # A copy left open here would hide a sibling's death from the front process.
                for other in (channel, *siblings):
                    if other is not sibling:
                        other.close()
                seeds.part()
                _say(sibling, {"ready": os.getpid()})
                return sibling
            cloned += 1
    for sibling in siblings:
        sibling.close()
    _say(channel, {"ready": os.getpid(), "takes_batches": handler.takes_batches, "cloned": cloned})
    return channel


def _say(channel: Channel, message: dict[str, object]) -> None:
    channel.calls.sendall(messages.frame(message))


def _may_fork() -> bool:
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        return False
    torch = sys.modules.get("torch")
    return torch is None or not torch.cuda.is_initialized()


def _limit_threads(threads: int) -> None:
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(threads)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the front process lets us finish what is in flight
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
