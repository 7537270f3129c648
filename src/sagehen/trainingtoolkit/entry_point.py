"""The user's entry point: found, prepared, started."""

from __future__ import annotations

import atexit
import os
import re
import shlex
import sys
from pathlib import Path

from sagehen.trainingtoolkit import (
    algorithms,
    in_process,
    kept_packages,
    processes,
    requirements,
    source,
    torchrun,
    transport,
)
from sagehen.trainingtoolkit.environment import TrainingEnvironment
from sagehen.trainingtoolkit.failure import ToolkitError

_PLAIN_PATH = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._+-]*(/[A-Za-z0-9._+-]+)*\Z")


def run(environment: TrainingEnvironment) -> None:
    """Run the entry point to its end.

    Raises:
        ToolkitError: There is nothing to run, or it failed (ExecuteUserScriptError).
    """
    program = environment.user_entry_point
    if program is None:
        kept_packages.take_up(None)
    if program is None and algorithms.run(environment, os.environ.get("SAGEHEN_FRAMEWORK", "")):
        return
    if program is None:
        raise ToolkitError(
            "No entry point: the hyperparameter sagemaker_program is missing. "
            "Give entry_point to the estimator, or ContainerEntrypoint to CreateTrainingJob."
        )
    _check_name(program)
    folder = source.bring(environment)
    if not (folder / program).exists():
        raise ToolkitError(f"The entry point {program} is not in the source ({environment.module_dir}).")
    os.chdir(folder)
    _extend_path(folder)
    os.environ.update(environment.variables())
    for name, value in torchrun.network_variables(environment).items():
        os.environ.setdefault(name, value)
    launcher = torchrun.launcher(environment)
    is_package = not program.endswith(".sh") and (folder / "setup.py").exists()
    if not is_package and not program.endswith(".py"):
        kept_packages.take_up(None)
        _run_shell(program, environment)  # what it needs, it installs itself
        return
    installed = requirements.install(folder, package=is_package)
    _run_python(program, environment, launcher, is_package, fresh=installed)


def _run_python(
    program: str, environment: TrainingEnvironment, launcher: str | None, is_package: bool, fresh: bool
) -> None:
    """Run a script: in this process where nothing speaks against it.

    Args:
        launcher: What starts a process for each rank, or None: there is one process.
        is_package: The source has a setup.py and was installed: its module is run.
        fresh: Something was installed: what this process has loaded may be an older version of it.
    """
    words = ["-m", program.removesuffix(".py")] if is_package else [program]
    command = [sys.executable, *words, *environment.user_arguments]
    shown = shlex.join(command)
    ranks = torchrun.ranks(environment) if launcher else [{}]
    if launcher:
        hosts = len(environment.distribution_hosts)
        print(
            f"{launcher}: {ranks[0]['WORLD_SIZE']} processes on {hosts} hosts, "
            f"{len(ranks)} on {environment.current_host}",
            flush=True,
        )
    print(f"Invoking script with the following command:\n{shown}", flush=True)
    if len(ranks) > 1 or is_package or fresh:
        processes.run_all(command, ranks, shown)
        return
    os.environ.update(ranks[0])
    if len(environment.hosts) > 1:
        transport.keep_calm()
        atexit.register(transport.let_go)
    in_process.run(Path(program), environment.user_arguments, shown)


def _run_shell(program: str, environment: TrainingEnvironment) -> None:
    line = shlex.join([f"./{program}", *environment.user_arguments])
    Path(program).chmod(0o755)
    print(f"Invoking script with the following command:\n/bin/sh -c {shlex.quote(line)}", flush=True)
    # `exec`: signals are for the script, not for a shell that waits for it.
    processes.run_all(["/bin/sh", "-c", f"exec {line}"], [{}], f"/bin/sh -c {shlex.quote(line)}")


def _check_name(program: str) -> None:
    """Check that the name is a plain path within the source, as AWS's toolkit does.

    Raises:
        ToolkitError: It is not.
    """
    if not _PLAIN_PATH.match(program) or any(part in (".", "..") for part in program.split("/")):
        raise ToolkitError(
            f"The entry point {program!r} cannot be used: it must be a path within the source, of letters, "
            "digits and . _ + - /, that does not begin with - or /."
        )


def _extend_path(folder: Path) -> None:
    """Put the source first for child processes, and for imports in this one."""
    earlier = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{folder}{os.pathsep}{earlier}" if earlier else str(folder)
