"""`sagehen interrupt JOB`, `sagehen interrupt i-…`: a spot interruption, provoked."""

from __future__ import annotations

import re
from pathlib import Path

from sagehen.cli.operator import act

_INSTANCE = re.compile(r"i-[0-9a-f]{8}(?:[0-9a-f]{9})?")


def interrupt(data_folder: Path, job: str) -> None:
    """Take a spot job's instances away, or a Spot machine, and say what it has to expect."""
    if _INSTANCE.fullmatch(job):
        answer = act(data_folder, "interrupt-instance", {"InstanceId": job})
        print(f"{answer['InstanceId']}: its metadata say so now, and it is terminated at {answer['Time']}")
        return
    answer = act(data_folder, "interrupt", {"TrainingJobName": job})
    print(f"{answer['TrainingJobName']}: its instances get SIGTERM, and are gone within 120 seconds")
    if answer["Checkpoints"]:
        print("  it starts again with what it saved in its checkpoint folder")
    else:
        print("  it has no CheckpointConfig: it starts again at nothing")
