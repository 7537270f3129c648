"""What the containers of scripts find, whatever kind of job runs them: folders, packages, variables."""

from __future__ import annotations

from pathlib import Path

from sagehen.executors.base import Interpreter, Mount
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.instances.surroundings import Surroundings


def role_folder(job_folder: JobFolder) -> Path:
    """Return where the role's credentials lie for all of the job's instances."""
    return job_folder.root / "role"


def mounts(
    around: Surroundings, job_folder: JobFolder, host: str, python: Interpreter | None, *, isolated: bool
) -> list[Mount]:
    """Return what an instance sees: its /opt/ml, what pip installs, its role, the toolkit."""
    own = job_folder.host(host)
    found = [
        Mount(own.opt_ml, "/opt/ml", writable=True),
        *instance_environment.mounts(around, own.packages, None if isolated else role_folder(job_folder)),
        *instance_environment.stand_ins("trainingtoolkit", python),
        instance_environment.start(),
    ]
    if python is not None:
        found += instance_environment.own_code("trainingtoolkit", python)
    return found


def variables(python: Interpreter | None) -> dict[str, str]:
    """Return the variables by which Python finds its packages, and pip where to put them."""
    return {
        "PYTHONUNBUFFERED": "1",
        # AWS's containers run as root. The SDK's @remote asks by this name, and runs sudo for anybody else,
        # which is not here, and not needed: what a job may write is its own.
        "USER": "root",
        # Before the environment's own: what a job installs overrides what is there.
        "PYTHONPATH": ":".join(
            (
                instance_environment.site(python),
                instance_environment.STAND_INS,
                instance_environment.START,
                *([] if python is None else [instance_environment.OWN_CODE]),
            )
        ),
        "PIP_PREFIX": instance_environment.PACKAGES,
    }
