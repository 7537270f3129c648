"""A recipe's scripts, run by processes that have torch already: to import it takes 3 s of a processor."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

# What scripts import of it one by one; dynamo comes with the first optimiser.
_PRELOADED = ["torch", "torch.nn.parallel", "torch.distributed.nn", "torch._dynamo", "PIL.Image"]


class Script:
    """One that runs, with what it prints in files.

    Args:
        script: What `python` would be called with.
        arguments: Its arguments.
        environment: Its variables, beside this process's.
        folder: Where the files of its output come.
    """

    def __init__(
        self, script: Path, arguments: list[str], environment: Mapping[str, str], folder: Path
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._output, self._errors = folder / "stdout", folder / "stderr"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SM_")}
        # A thread of OpenMP in the process that forks would be missing in all that come of it.
        clean |= {"OMP_NUM_THREADS": "1"}
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        before, os.environ["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS"), "1"
        try:
            words = [str(script), *arguments]
            files = str(self._output), str(self._errors)
            self._process: ForkServerProcess = context.Process(
                target=_run, args=(words, {**clean, **environment}, files)
            )
            self._process.start()
        finally:
            if before is None:
                del os.environ["OMP_NUM_THREADS"]
            else:
                os.environ["OMP_NUM_THREADS"] = before

    def terminate(self) -> None:
        self._process.terminate()

    def ended(self, timeout_s: float) -> int:
        """Wait for its end; return its exit status."""
        self._process.join(timeout_s)
        status = self._process.exitcode
        if status is None:
            self._process.kill()
            self._process.join()
            raise AssertionError(f"it hangs: {self.output[-2000:]}{self.errors[-2000:]}")
        self._process.close()
        return status

    @property
    def output(self) -> str:
        return self._output.read_text() if self._output.exists() else ""

    @property
    def errors(self) -> str:
        return self._errors.read_text() if self._errors.exists() else ""


def _run(words: list[str], environment: Mapping[str, str], files: tuple[str, str]) -> None:
    for descriptor, file in enumerate(files, 1):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = words
    sys.path.insert(0, str(Path(words[0]).parent))
    runpy.run_path(words[0], run_name="__main__")
