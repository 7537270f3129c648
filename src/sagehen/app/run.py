"""Runs a platform in this process until SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time

from sagehen.app.data_folder import DataFolder, DataFolderBusy, DataFolderOfOthers
from sagehen.app.log_lines import OneLine
from sagehen.app.log_turns import TurningLog
from sagehen.app.loop_watch import LOOP_WATCH, watch_loop
from sagehen.app.open_files import raise_open_files
from sagehen.app.settings import Settings, SettingsError, data_option


def run(settings: Settings) -> int:
    """Run until a signal; return the exit status."""
    began = time.perf_counter()
    folder = DataFolder(settings.data_folder)
    lines = TurningLog(folder.log)
    lines.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    try:
        folder.open()
    except (DataFolderBusy, DataFolderOfOthers, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    raise_open_files()
    try:
        runner = _loop_runner()
        with runner:
            return runner.run(_serve(settings, folder, began))
    finally:
        folder.close()


def _loop_runner() -> asyncio.Runner:
    # uvloop halves the cost of a request; Windows has none.
    try:
        import uvloop
    except ImportError:
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


async def _serve(settings: Settings, folder: DataFolder, began: float) -> int:
    from sagehen.app.platform import Platform, run_until
    from sagehen.app.reach import UnknownHost
    from sagehen.gateway.door.listeners import CannotListen
    from sagehen.gateway.tls.errors import BadCertificate
    from sagehen.store.database import NewerData

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)

    def on_ready(url: str) -> None:
        if limit_ms := os.environ.get(LOOP_WATCH):  # from now on: before, nobody could be held up
            watch_loop(float(limit_ms) / 1000)
        told = platform.elsewhere.told() if platform is not None else ()
        sys.stderr.write(
            f"Sagehen at {url}, ready in {time.perf_counter() - began:.2f} s; data in {folder.root}\n"
            f"  every request is signed and authorized; the default is to deny\n"
            f"{''.join(f'  {line}{chr(10)}' for line in told)}"
            f'  next:  eval "$(sagehen env{data_option(folder.root)})"    stop: Ctrl-C\n'
        )

    platform: Platform | None = None
    try:
        platform = Platform(settings, folder)
        await run_until(platform, stop, on_ready)
    except (CannotListen, UnknownHost, BadCertificate, SettingsError, NewerData) as error:
        sys.stderr.write(f"{error}\n")
        if platform is not None:
            with contextlib.suppress(Exception):
                await platform.stop()
        return 1
    return 0
