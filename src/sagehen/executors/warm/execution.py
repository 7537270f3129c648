"""Executes a program of an image in a forked process: nothing of the interpreter stays."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

# What shells say, and container engines after them: found but not to be executed, not found.
_NOT_EXECUTABLE, _NOT_FOUND = 126, 127


def execute(
    program: str, arguments: Sequence[str], environment: Mapping[str, str], working_directory: str
) -> NoReturn:
    """Become the program.

    Args:
        program: A path, or a name to look for in the variable PATH.
        arguments: Behind it.
        environment: All variables.
        working_directory: Where to start.
    """
    # Python ignores these, and who executes it would inherit that.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(0o022)
    code = _NOT_EXECUTABLE
    try:
        os.chdir(working_directory)
        os.execvpe(program, [program, *arguments], dict(environment))  # noqa: S606
    except FileNotFoundError as error:
        code = _NOT_FOUND
        said = str(error)
    except OSError as error:
        said = str(error)
    with contextlib.suppress(OSError):
        sys.stderr.write(f"sagehen: {program!r} cannot be executed in this image: {said}\n")
        sys.stderr.flush()
    os._exit(code)
