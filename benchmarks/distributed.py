"""One training instance against two: each held to one core, the same seed, epochs and batches.

Through the platform, as a user would: boto3, CreateTrainingJob with InstanceCount 1 and 2. What
two instances cannot share is the start of the process, the exchange of gradients and the last upload.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from recipes.image_classifier.digits import write_digits

from benchmarks.processes import Platform
from benchmarks.table import Row, Table
from benchmarks.training import Trained, TrainingAccount

_ROUNDS = 5
_AIM = 1.8
# (what, hyperparameters).
_WORKLOADS = (
    ("60 epochs, batches of 512", {"epochs": "60", "batch-size": "512"}),
    ("20 epochs, batches of 128, as `make demo`", {}),
)


def measure(say: Callable[[str], None]) -> Table:
    """Train on one and on two instances in turn, and compare the fastest of each."""
    if len(os.sched_getaffinity(0)) < 2:
        raise RuntimeError("two instances of one core each need two cores")
    rows = []
    with tempfile.TemporaryDirectory() as folder, Platform("--warm", "--instance-cpus", "1") as platform:
        say("images into the bucket")
        write_digits(Path(folder))
        account = TrainingAccount(platform, Path(folder))
        account.train(1, {"epochs": "1"})  # the first job waits for the warm parent
        for what, options in _WORKLOADS:
            jobs: dict[int, list[Trained]] = {1: [], 2: []}
            for number in range(_ROUNDS):
                for instances, done in jobs.items():
                    say(f"{what}: round {number + 1}/{_ROUNDS}, {instances} instance(s)")
                    done.append(account.train(instances, options))
            rows += _rows(what, jobs[1], jobs[2])
    return Table(
        "Training on one instance and on two",
        peer="one instance",
        method=(
            "The small network on scikit-learn's digits by CreateTrainingJob, InstanceCount 1 and 2, "
            "each instance held to one core (`--instance-cpus 1`), same seed, batches over all "
            f"instances. {_ROUNDS} jobs of each in turn, the fastest of each counts: work beside it takes a "
            "core from two instances, and an idle one from one. Sagehen's column: two instances."
        ),
        rows=rows,
    )


def _rows(what: str, one: list[Trained], two: list[Trained]) -> list[Row]:
    def best(name: str) -> tuple[float, float]:
        return min(getattr(job, name) for job in one), min(getattr(job, name) for job in two)

    training, whole = best("training_s"), best("whole_s")
    each = ", ".join(f"{a.training_s / b.training_s:.2f}" for a, b in zip(one, two, strict=True))
    return [
        Row(
            f"{what}: status Training",
            f"{training[1]:.2f} s",
            f"{training[0]:.2f} s",
            f"{training[0] / training[1]:.2f} times",
            f"aim: {_AIM} times; the rounds' own ratios: {each}",
        ),
        Row(
            f"{what}: CreateTrainingJob to Completed",
            f"{whole[1]:.2f} s",
            f"{whole[0]:.2f} s",
            f"{whole[0] / whole[1]:.2f} times",
        ),
        Row(f"{what}: test accuracy", f"{two[0].accuracy:.1%}", f"{one[0].accuracy:.1%}"),
    ]
