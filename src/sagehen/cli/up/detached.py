"""`sagehen up --detach`: a platform in a session of its own, and what the terminal hears of it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import typer

from sagehen.app.data_folder import DataFolder, DataFolderOfOthers
from sagehen.app.settings import Settings, data_option
from sagehen.cli.failure import fail
from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.cli.up.arguments import arguments_of
from sagehen.domain.ids import Ids

# Many times what a start takes, on a cold disk and a busy machine too: it returns as soon as the platform
# answers, or ends.
_START_TIMEOUT_S = 180
# At a signal it first finishes its start, then stops what it has started.
_END_TIMEOUT_S = 10
# The probe takes some 50 ms and begins before the port opens.
_PROBE_TIMEOUT_S = 5
_LOOK_S = 0.02
_LINES_TOLD, _BYTES_TOLD = 12, 16_384


def start_detached(settings: Settings) -> None:
    """Start it, and say where it is once it answers; or end with a sentence about why it does not."""
    folder = settings.data_folder
    try:
        running = RunningPlatform.find(folder)
    except NotRunning:
        pass
    else:
        fail(f"Sagehen is already running: {running.url} (pid {running.pid})")
    log = folder / "platform.log"
    try:
        DataFolder(folder).claim()
        # Accounts with given keys are the first ones; the process finds all of them there.
        DataFolder(folder).root_credentials(settings.accounts, Ids())
        output = log.open("ab")
    except (DataFolderOfOthers, OSError) as error:
        fail(str(error))
    began = time.monotonic()
    with output:
        length = output.tell()
        process = _started(arguments_of(settings), output)
    try:
        running = _answering(process, folder, log, length)
    except KeyboardInterrupt:  # of the terminal, which is not the platform's
        _end(process)
        raise
    seconds = time.monotonic() - began
    print(f"Sagehen runs at {running.url} (pid {running.pid}, ready in {seconds:.2f} s)")
    for line in running.elsewhere.told():
        typer.secho(line, fg="yellow")
    if warning := sandbox_warning(running):
        typer.secho(warning, fg="yellow")
    option = data_option(folder)
    print(f'next:  eval "$(sagehen env{option})"    in a browser:  sagehen console{option}')


def _started(arguments: list[str], output: BinaryIO) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "sagehen.cli", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def _answering(process: subprocess.Popen[bytes], folder: Path, log: Path, length: int) -> RunningPlatform:
    """Return the platform once it answers.

    Args:
        length: Of the log, before it began.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            fail(f"Sagehen did not start; the end of {log}:\n{_told(log, length)}")
        try:
            running = RunningPlatform.find(folder)
            running.health()
        except (NotRunning, OSError, ValueError, KeyError):
            pass
        else:
            if running.pid == process.pid:
                return running
        time.sleep(_LOOK_S)
    _end(process)
    said = f"Sagehen did not answer within {_START_TIMEOUT_S} s, and was ended"
    fail(f"{said}; the end of {log}:\n{_told(log, length)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what does not come up: nobody would find it, and it has the data folder's lock."""
    process.terminate()
    try:
        process.wait(_END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()  # it loses nothing
        process.wait()


def _told(log: Path, length: int) -> str:
    with log.open("rb") as file:
        file.seek(max(length, file.seek(0, os.SEEK_END) - _BYTES_TOLD))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-_LINES_TOLD:])


def sandbox_warning(running: RunningPlatform) -> str:
    """Return what the terminal must hear of sandboxes that are off or refused: nobody opens the log."""
    deadline = time.monotonic() + _PROBE_TIMEOUT_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):  # it does not answer in time, or is gone again
            level = str(running.health().get("sandbox", ""))
            if level != "being probed":
                is_lacking = level.startswith("OFF") or "UNAVAILABLE" in level
                return f"sandboxes:  {level}" if is_lacking else ""
        time.sleep(_LOOK_S)
    return ""
