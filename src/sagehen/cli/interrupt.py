"""`sagehen interrupt JOB`: a spot interruption, provoked."""

from __future__ import annotations

from pathlib import Path

from sagehen.cli.operator import act


def interrupt(data_folder: Path, job: str) -> None:
    """Take a spot job's instances away, and say what it has to expect."""
    answer = act(data_folder, "interrupt", {"TrainingJobName": job})
    print(f"{answer['TrainingJobName']}: its instances get SIGTERM, and are gone within 120 seconds")
    if answer["Checkpoints"]:
        print("  it starts again with what it saved in its checkpoint folder")
    else:
        print("  it has no CheckpointConfig: it starts again at nothing")
