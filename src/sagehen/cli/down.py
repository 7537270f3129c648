"""`sagehen down`."""

from __future__ import annotations

from pathlib import Path

import psutil

from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.cli.up import fail
from sagehen.executors.removal import remove_tree

# The platform gives jobs and requests in flight a moment, then ends what is left by itself.
_STOP_TIMEOUT_S = 60


def stop(data_folder: Path, *, delete_data: bool) -> None:
    """Stop the platform of this data folder and wait until it is gone."""
    try:
        running = RunningPlatform.find(data_folder.absolute())
    except NotRunning as reason:
        if not delete_data:
            print(reason)
            return
    else:
        process = psutil.Process(running.pid)
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except psutil.TimeoutExpired:
            fail(f"pid {running.pid} did not stop; `kill -9 {running.pid}` loses nothing")
        print("Sagehen stopped; `sagehen up` brings everything back.")
    if delete_data:
        # Only a folder that a platform made: a wrong --data must not cost anybody a home.
        if (data_folder / "metadata.sqlite").exists():
            remove_tree(data_folder)
            print(f"Deleted {data_folder}.")
        elif data_folder.exists():
            fail(f"{data_folder} is no data folder of Sagehen; nothing was deleted")
