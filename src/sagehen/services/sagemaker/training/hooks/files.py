"""The configuration that AWS puts into /opt/ml/input/config for the hook in a script. Pure.

Names and contents as smdebug 1.0.34 reads them (its core/json_config.py and profiler_config_parser.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.sagemaker.transfers import uris

# Documented: the models of DebugHookConfig and TensorBoardOutputConfig; smdebug's profiler_constants.py.
_TENSORS = "/opt/ml/output/tensors"
_TENSORBOARD = "/opt/ml/output/tensorboard"
_FRAMEWORK_METRICS = "/opt/ml/output/profiler"
# Folders of /opt/ml that are others'.
_TAKEN = ("input", "code", "model", "checkpoints")


def configuration(request: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return name -> content of the files that a request's Debugger adds to /opt/ml/input/config."""
    files: dict[str, dict[str, Any]] = {}
    if hook := request.get("DebugHookConfig"):
        files["debughookconfig"] = {"LocalPath": _TENSORS, **hook}
    if board := request.get("TensorBoardOutputConfig"):
        files["tensorboardoutputconfig"] = {"LocalPath": _TENSORBOARD, **board}
    if profiler := request.get("ProfilerConfig"):
        files["profilerconfig"] = dict(profiler)
    return files


def folders(request: Mapping[str, Any], job_name: str) -> list[tuple[PurePosixPath, tuple[str, str], str]]:
    """Return what to collect: (folder below /opt/ml, (bucket, prefix), what it is called).

    The names in S3 are those that SDKs expect (`Estimator.latest_job_debugger_artifacts_path` and its like).
    """
    found = []
    if hook := request.get("DebugHookConfig"):
        local = hook.get("LocalPath") or _TENSORS
        found.append((_below_ml(local), _prefix(hook, job_name, "debug-output"), "tensors"))
    if board := request.get("TensorBoardOutputConfig"):
        local = board.get("LocalPath") or _TENSORBOARD
        prefix = _prefix(board, job_name, "tensorboard-output")
        found.append((_below_ml(local), prefix, "TensorBoard's files"))
    profiler = request.get("ProfilerConfig") or {}
    if profiler.get("ProfilingParameters") and not profiler.get("DisableProfiler"):
        local = profiler["ProfilingParameters"].get("LocalPath") or _FRAMEWORK_METRICS
        prefix = _prefix(profiler, job_name, "profiler-output")
        found.append((_below_ml(local), prefix, "framework metrics"))
    return found


def check(request: Mapping[str, Any]) -> None:
    """Check the paths of DebugHookConfig, TensorBoardOutputConfig and ProfilingParameters.

    Raises:
        ValidationException: An S3OutputPath is none.
        NotImplementedOperation: A LocalPath that is not collected here.
    """
    folders(request, "job")


def _prefix(config: Mapping[str, Any], job_name: str, name: str) -> tuple[str, str]:
    bucket, prefix = uris.split(config["S3OutputPath"])
    return bucket, uris.join(prefix, f"{job_name}/{name}")


def _below_ml(path: str) -> PurePosixPath:
    parts = PurePosixPath(path).parts
    inside = parts[3:]
    plain = ".." not in parts and "\0" not in path and len(path.encode()) <= 1024
    if parts[:3] != ("/", "opt", "ml") or not inside or inside[0] in _TAKEN or not plain:
        raise NotImplementedOperation(
            "CreateTrainingJob: the LocalPath of DebugHookConfig, TensorBoardOutputConfig and "
            f"ProfilingParameters is implemented below /opt/ml (but for {', '.join(_TAKEN)}); "
            f"it is {path!r:.80}."
        )
    return PurePosixPath(*inside)
