"""Runs a Python script in this very process, as `python script.py ...` would.

The process may have been forked from one that has torch loaded: a child interpreter would spend
seconds on loading it again.
"""

from __future__ import annotations

import builtins
import io
import os
import sys
import types
from collections.abc import Sequence
from pathlib import Path

from sagehen.trainingtoolkit.failure import ExecuteUserScriptError, error_text
from sagehen.trainingtoolkit.last_words import LastWords, Overheard


def run(script: Path, arguments: Sequence[str], command: str) -> None:
    """Become the script. Threads that it leaves running are waited for when the interpreter ends.

    Args:
        script: Relative to the working directory, or absolute.
        command: For the failure file.

    Raises:
        ExecuteUserScriptError: It raised, or ended with an exit code that is not 0.
    """
    module = types.ModuleType("__main__")
    # As in a fresh interpreter: multiprocessing and pickle look at these.
    module.__dict__.update(__file__=str(script.absolute()), __builtins__=builtins, __spec__=None)
    sys.modules["__main__"] = module
    sys.argv = [str(script), *arguments]
    words = _overhear()
    sys.path[:] = [str(script.absolute().parent), *(path for path in sys.path if path not in ("", os.curdir))]
    try:
        code = compile(script.read_bytes(), str(script), "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - running the user's program is the point
    except SystemExit as end:
        exit_code = _exit_code(end)
        if exit_code != 0:
            # What it said of it stands in the log before: argparse's complaint, for one.
            message = end.code if isinstance(end.code, str) else str(words) or f"SystemExit: {exit_code}"
            raise ExecuteUserScriptError(exit_code, message, command) from None
    except BaseException as error:
        # Without this file's own frame, as a fresh interpreter would show it.
        trace = error.__traceback__.tb_next if error.__traceback__ else None
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        raise ExecuteUserScriptError(1, error_text(error), command) from None


def _overhear() -> LastWords:
    if not isinstance(sys.stderr, io.TextIOWrapper):
        return LastWords()
    overheard = Overheard(sys.stderr)
    sys.stderr = overheard
    return overheard.last_words


def _exit_code(end: SystemExit) -> int:
    """Return what the interpreter would exit with: None is 0, a text is printed and is 1."""
    if end.code is None:
        return 0
    if isinstance(end.code, int):
        return end.code & 0xFF
    print(end.code, file=sys.stderr, flush=True)
    return 1
