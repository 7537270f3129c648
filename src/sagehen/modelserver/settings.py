"""Settings of one model server, read from the variables that SageMaker's containers know."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Beyond this many processes a single machine gains nothing from more copies of a model.
_MOST_DEFAULT_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """How to serve.

    Args:
        model_dir: Where the model was untarred (SM_MODEL_DIR, default /opt/ml/model).
        code_dir: The user's code (SAGEMAKER_SUBMIT_DIRECTORY, SAGEHEN_CODE_DIR, default model_dir/code).
        program: The module with the hooks (SAGEMAKER_PROGRAM, default inference.py).
        workers: Processes that each hold the model (SAGEMAKER_MODEL_SERVER_WORKERS); None = chosen
            once it is known whether the handler takes batches.
        cpus: What this instance may use.
        timeout_s: A worker that takes longer is killed (SAGEMAKER_MODEL_SERVER_TIMEOUT, default 60).
        batch_max_size: SAGEHEN_BATCH_MAX_SIZE; 1 = only where the code has predict_batch_fn.
        batch_max_wait_ms: SAGEHEN_BATCH_MAX_WAIT_MS: how long a window stays open while others are
            in flight.
        framework: pytorch, sklearn or auto (SAGEHEN_FRAMEWORK): whose default hooks apply.
        default_accept: SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT.
        queue_limit: Requests that may wait before new ones get 503.
        multi_model: Whether models come and go by /models (SAGEMAKER_MULTI_MODEL, as AWS's containers read).
        models_dir: Where those lie (SAGEHEN_MODELS_DIR).
        memory_bytes: Of the instance (SAGEHEN_MEMORY_MIB); 0: nobody said.
        packages: Where a worker installs its model's own requirements; None: the front has done it.
        most_body_bytes: Of one request (SAGEHEN_MOST_BODY_BYTES); by default above SageMaker's own limits: it
            only keeps a broken client from filling the memory.
        onnx: Whether ONNX Runtime is to serve a PyTorch model, and the shape of its input (SAGEHEN_ONNX); see
            `hooks.onnx.wanted`.
    """

    model_dir: Path = Path("/opt/ml/model")
    code_dir: Path = Path("/opt/ml/model/code")
    program: str = "inference.py"
    workers: int | None = None
    cpus: float = 1.0
    timeout_s: float = 60.0
    batch_max_size: int = 1
    batch_max_wait_ms: float = 2.0
    framework: str = "auto"
    default_accept: str = "application/json"
    queue_limit: int = 1024
    multi_model: bool = False
    models_dir: Path = Path("/opt/ml/models")
    memory_bytes: int = 0
    packages: Path | None = None
    most_body_bytes: int = 128 * 1024 * 1024
    onnx: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the variables that are named above. ValueError where one that is a number is none."""
        model_dir = Path(environment.get("SM_MODEL_DIR") or "/opt/ml/model")
        submit = environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
        # Code that s3://... names was brought by the platform; where it was not, the model has its own.
        brought = submit if submit.startswith("/") else environment.get("SAGEHEN_CODE_DIR")
        code_dir = Path(brought) if brought else model_dir / "code"
        workers = environment.get("SAGEMAKER_MODEL_SERVER_WORKERS")
        multi_model = environment.get("SAGEMAKER_MULTI_MODEL", "").lower() == "true"
        packages = Path(environment.get("SAGEHEN_PACKAGES") or "/tmp/sagehen-requirements")
        return cls(
            model_dir=model_dir,
            code_dir=code_dir,
            program=environment.get("SAGEMAKER_PROGRAM") or "inference.py",
            workers=max(1, int(workers)) if workers else None,
            cpus=float(environment.get("SAGEHEN_CPUS") or len(os.sched_getaffinity(0))),
            timeout_s=float(environment.get("SAGEMAKER_MODEL_SERVER_TIMEOUT") or 60),
            batch_max_size=int(environment.get("SAGEHEN_BATCH_MAX_SIZE") or 1),
            batch_max_wait_ms=float(environment.get("SAGEHEN_BATCH_MAX_WAIT_MS") or 2.0),
            framework=environment.get("SAGEHEN_FRAMEWORK") or "auto",
            default_accept=environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or "application/json",
            multi_model=multi_model,
            models_dir=Path(environment.get("SAGEHEN_MODELS_DIR") or "/opt/ml/models"),
            memory_bytes=int(environment.get("SAGEHEN_MEMORY_MIB") or 0) * 2**20,
            packages=packages / "models" if multi_model else None,
            most_body_bytes=int(environment.get("SAGEHEN_MOST_BODY_BYTES") or 128 * 1024 * 1024),
            onnx=environment.get("SAGEHEN_ONNX", "").strip(),
        )

    def worker_count(self, takes_batches: bool) -> int:
        """Return how many workers to run.

        One request per core answers most requests per second; a handler that takes batches makes
        better use of all cores inside one forward pass, on one copy of the model.
        """
        if self.workers is not None:
            return self.workers
        if takes_batches:
            return 1
        return max(1, min(int(self.cpus), _MOST_DEFAULT_WORKERS))

    def threads_per_worker(self, workers: int) -> int:
        """Return the intra-op threads of each worker: the instance's cores, shared out."""
        return max(1, int(self.cpus) // workers)
