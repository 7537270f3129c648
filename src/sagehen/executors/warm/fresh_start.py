"""Runs `python -m module …` or `python script.py …` in a forked process as if it had just been started."""

from __future__ import annotations

import atexit
import builtins
import contextlib
import gc
import io
import os
import runpy
import sys
import threading
import time
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from sagehen.executors.isolation import kernel
from sagehen.executors.warm import randomness

_OWN_FRAMES = ("<frozen runpy>", "<frozen importlib._bootstrap>", __file__)

# The interpreter, the loader, the C library, and what libraries read while they are imported.
_READ_EARLY = (
    "PYTHON", "LD_", "LC_", "LANG", "MALLOC_", "GLIBC_", "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "NPY_",
    "ATEN_", "DNNL_", "ONEDNN_", "TORCH", "PYTORCH_", "CUDA_", "NCCL_",
)  # fmt: skip
# Set after the fork (see `_take_up_environment`), the same in the parent, or read when they are needed.
_TAKEN_UP = frozenset(
    {
        "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "OMP_NUM_THREADS", "TORCH_HOME",
        "NCCL_SOCKET_IFNAME", "CUDA_VISIBLE_DEVICES",
    }
)  # fmt: skip


def can_run(arguments: Sequence[str]) -> bool:
    """Tell whether the words after `python` are a form that `run_program` knows."""
    if not arguments:
        return False
    return (arguments[0] == "-m" and len(arguments) > 1) or not arguments[0].startswith("-")


def can_take_up(environment: Mapping[str, str]) -> bool:
    """Tell whether a fork can honour all these variables, or some are read by a start or an import alone."""
    return not any(name.startswith(_READ_EARLY) and name not in _TAKEN_UP for name in environment)


def run_program(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    working_directory: str,
    *,
    hides_platform: bool = False,
) -> NoReturn:
    """Become the program, and end with its exit code.

    Args:
        arguments: The words after `python`; `can_run` holds for them.
        environment: All variables.
        working_directory: Where to start.
        hides_platform: The program must not find the platform's own modules loaded.
    """
    if hides_platform:
        for name in [name for name in sys.modules if name.partition(".")[0] == "sagehen"]:
            del sys.modules[name]
    preloaded = set(sys.modules)
    try:
        _run(arguments, environment, working_directory)
    except BaseException as error:
        code = _exit_code(error)
    else:
        code = 0
    _end(code, preloaded)


def _run(arguments: Sequence[str], environment: Mapping[str, str], working_directory: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(working_directory)
    kernel.set_process_name("python")
    sys.excepthook = _report
    sys.orig_argv = [sys.executable, *arguments]
    _take_up_environment(environment)
    randomness.start_anew()
    main = types.ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __spec__=None)
    sys.modules["__main__"] = main
    if arguments[0] == "-m":
        sys.argv = ["-m", *arguments[2:]]
        sys.path.insert(0, working_directory)
        # What `python -m` itself calls; it takes argv[0] and the traceback's frames from here on.
        runpy._run_module_as_main(arguments[1])  # type: ignore[attr-defined]
        return
    script = arguments[0]
    sys.argv = list(arguments)
    path = Path(script)
    if path.is_dir() or script.endswith((".zip", ".pyz")):
        sys.path.insert(0, script)
        runpy._run_module_as_main("__main__", alter_argv=False)  # type: ignore[attr-defined]
        return
    sys.path.insert(0, str(path.absolute().parent))
    main.__file__ = script
    try:
        source = path.read_bytes()
    except OSError as error:
        sys.stderr.write(
            f"{sys.executable}: can't open file {script!r}: [Errno {error.errno}] {error.strerror}\n"
        )
        sys.exit(2)
    exec(compile(source, script, "exec"), main.__dict__)  # noqa: S102 - running the user's program is the point


def _exit_code(error: BaseException) -> int:
    """Report what ended the program, and return the code that the interpreter would end with."""
    if not isinstance(error, SystemExit):
        sys.excepthook(type(error), error, error.__traceback__)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    sys.stderr.write(f"{error.code}\n")
    return 1


def _end(code: int, preloaded: set[str]) -> NoReturn:
    """End like the interpreter, but leave the preloaded modules to the kernel: torch takes 0.3 s to free."""
    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]  # waits for the threads that are not daemons
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
    # A collection may close a file below its buffer; so what is buffered is flushed first.
    _flush_files()
    _forget_modules(preloaded)
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(code)


# These two are functions of their own for what their variables would keep alive.
def _flush_files() -> None:
    for found in gc.get_objects():
        # By type: asking an object for its class runs the code of lazy stand-ins.
        if type(found) in (io.TextIOWrapper, io.BufferedWriter) and not found.closed:
            with contextlib.suppress(Exception):
                found.flush()


def _forget_modules(preloaded: set[str]) -> None:
    """Let the program's own modules go, so that their objects are finalized; libraries stay."""
    libraries = (sys.prefix, sys.base_prefix)
    for name, module in list(sys.modules.items()):
        if name not in preloaded and not (getattr(module, "__file__", None) or sys.prefix).startswith(
            libraries
        ):
            sys.modules.pop(name, None)
    sys.modules.pop("__main__", None)


def _take_up_environment(environment: Mapping[str, str]) -> None:
    """Do what a start would have done with the environment, for what is loaded already."""
    extra = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.path[:0] = extra
    sys.path_importer_cache.clear()
    time.tzset()
    torch, threads = sys.modules.get("torch"), thread_count(environment.get("OMP_NUM_THREADS", ""))
    if torch is not None and threads is not None:
        torch.set_num_threads(threads)  # OpenMP read its variables when it was loaded


def thread_count(text: str) -> int | None:
    """Return the number that OpenMP takes from a text; None where a start would leave it unread as well."""
    # `isdigit` alone is true of superscripts, and torch takes no more than a C int.
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return count or None


def _report(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
    """Show an uncaught error without the frames of this file, as a fresh interpreter would."""
    while trace is not None and trace.tb_frame.f_code.co_filename in (*_OWN_FRAMES, _PROCESS, _OUTSIDE):
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), trace)


_PROCESS = str(Path(__file__).with_name("process.py"))
_OUTSIDE = str(Path(__file__).with_name("outside.py"))
