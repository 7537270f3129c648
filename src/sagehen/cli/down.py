"""`sagehen down`."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from sagehen.app.settings import data_option
from sagehen.cli.failure import fail
from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.executors.folders.removal import remove_tree

# The platform gives jobs and requests in flight a moment, then ends what is left by itself.
_STOP_TIMEOUT_S = 60
_NAMES_SHOWN = 5


def at_work(running: RunningPlatform) -> list[str]:
    """Return a line for everything that works on the platform now, and what becomes of it.

    A platform that does not answer is stopped all the same, without a list.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    lines = []
    try:
        jobs, endpoints = running.jobs_and_endpoints()
        for job in jobs:
            lines.append(
                f"training job {job['TrainingJobName']}: is started again, with the checkpoints that it wrote"
            )
        for kind, name, _ in running.other_jobs():
            lines.append(f"{kind} job {name}: is started again")
        for endpoint in endpoints:
            if endpoint["EndpointStatus"] not in ("Failed", "Deleting"):
                lines.append(f"endpoint {endpoint['EndpointName']}: is started again")
        for notebook in running.notebook_instances():
            if notebook["NotebookInstanceStatus"] in ("Pending", "InService"):
                lines.append(
                    f"notebook instance {notebook['NotebookInstanceName']}: is started again, with its volume"
                )
        if names := [function["FunctionName"] for function in running.functions()]:
            shown = ", ".join(names[:_NAMES_SHOWN]) + (" …" if len(names) > _NAMES_SHOWN else "")
            lines.append(
                f"{len(names)} function{'' if len(names) == 1 else 's'} ({shown}): start when called"
            )
    except (BotoCoreError, ClientError, OSError, ValueError) as error:
        lines.append(f"(what ran could not be asked: {error})")
    return lines


def stop(data_folder: Path, *, delete_data: bool) -> None:
    """Stop the platform of this data folder, wait until it is gone, and say what worked on it."""
    try:
        running = RunningPlatform.find(data_folder.absolute())
    except NotRunning as reason:
        if not delete_data:
            print(reason)
            return
    else:
        stopped = [] if delete_data else at_work(running)
        process = psutil.Process(running.pid)
        process.terminate()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except psutil.TimeoutExpired:
            fail(f"pid {running.pid} did not stop; `kill -9 {running.pid}` loses nothing")
        if delete_data:
            print("Sagehen stopped.")
        else:
            print(f"Sagehen stopped; `sagehen up{data_option(data_folder)}` brings everything back.")
        for line in stopped:
            print(f"  {line}")
    if delete_data:
        # Only a folder that a platform made: a wrong --data must not cost anybody a home.
        if os.access(data_folder / "metadata.sqlite", os.W_OK):
            remove_tree(data_folder.resolve())
            if data_folder.is_symlink():  # to a larger disk, say
                data_folder.unlink()
            if os.path.lexists(data_folder):
                fail(f"{data_folder}: not all of it could be deleted")
            print(f"Deleted {data_folder}.")
        elif os.path.lexists(data_folder):
            fail(f"{data_folder} is no data folder of yours; nothing was deleted")
