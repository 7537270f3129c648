"""The user's entry point: found, prepared, started."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from sagehen.trainingtoolkit import in_process, processes, requirements, torchrun, transport
from sagehen.trainingtoolkit.environment import TrainingEnvironment
from sagehen.trainingtoolkit.failure import ToolkitError


def run(environment: TrainingEnvironment) -> None:
    """Run the entry point to its end.

    Raises:
        ToolkitError: There is nothing to run, or it failed (ExecuteUserScriptError).
    """
    program = environment.user_entry_point
    if program is None:
        raise ToolkitError(
            "No entry point: the hyperparameter sagemaker_program is missing. "
            "Give entry_point to the estimator, or ContainerEntrypoint to CreateTrainingJob."
        )
    folder = _source_folder(environment)
    if not (folder / program).exists():
        raise ToolkitError(f"The entry point {program} is not in the source ({environment.module_dir}).")
    os.chdir(folder)
    _extend_path(folder)
    os.environ.update(environment.variables())
    for name, value in torchrun.network_variables(environment).items():
        os.environ.setdefault(name, value)
    installed = _install(folder)
    distributed = torchrun.is_enabled(environment)
    if not program.endswith(".py"):
        _run_shell(program, environment)
        return
    _run_python(program, environment, distributed, fresh=installed)


def _run_python(program: str, environment: TrainingEnvironment, distributed: bool, fresh: bool) -> None:
    """Run a script: in this process where nothing speaks against it.

    Args:
        fresh: Something was installed: what this process has loaded may be an older version of it.
    """
    is_package = Path("setup.py").exists()
    words = ["-m", program.removesuffix(".py").replace("/", ".")] if is_package else [program]
    command = [sys.executable, *words, *environment.user_arguments]
    shown = shlex.join(command)
    ranks = torchrun.ranks(environment) if distributed else [{}]
    if distributed:
        print(
            f"torch_distributed: {ranks[0]['WORLD_SIZE']} processes on {len(environment.hosts)} hosts, "
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
    in_process.run(Path(program), environment.user_arguments, shown)


def _run_shell(program: str, environment: TrainingEnvironment) -> None:
    line = shlex.join([f"./{program}", *environment.user_arguments])
    Path(program).chmod(0o755)
    print(f"Invoking script with the following command:\n/bin/sh -c {shlex.quote(line)}", flush=True)
    # `exec`: signals are for the script, not for a shell that waits for it.
    processes.run_all(["/bin/sh", "-c", f"exec {line}"], [{}], f"/bin/sh -c {shlex.quote(line)}")


def _source_folder(environment: TrainingEnvironment) -> Path:
    """Return where the source is: the platform has unpacked an S3 archive to /opt/ml/code already."""
    if environment.module_dir.startswith("s3://"):
        return environment.code_dir
    return Path(environment.module_dir)


def _extend_path(folder: Path) -> None:
    """Put the source first for child processes, and for imports in this one."""
    earlier = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{folder}{os.pathsep}{earlier}" if earlier else str(folder)


def _install(folder: Path) -> bool:
    installed = False
    if (folder / "requirements.txt").exists():
        installed = requirements.install(folder / "requirements.txt")
    if (folder / "setup.py").exists():
        requirements.install_package(folder)
        installed = True
    return installed
