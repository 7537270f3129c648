"""How a failed script is told: an error, the failure file, the exit code."""

from __future__ import annotations

import re
import traceback
from pathlib import Path


class ToolkitError(Exception):
    """The container's configuration cannot be run; the message says what to change."""

    def report(self) -> str:
        """Return the text of the failure file."""
        return str(self)


class ExecuteUserScriptError(ToolkitError):
    """The script failed.

    Args:
        script_code: Its exit code; 128 + signal where a signal ended it.
        error_message: The error that it ended with, or the end of what it wrote to stderr.
        command: How it was started, for the reader to try again.
    """

    def __init__(self, script_code: int, error_message: str, command: str) -> None:
        super().__init__(f"exit code {script_code}")
        self.script_code = script_code
        self.error_message = error_message
        self.command = command

    def report(self) -> str:
        """Return the text of the failure file, in the form of AWS's toolkit."""
        return (
            f"ExecuteUserScriptError:\nExitCode {self.script_code}\n"
            f'ErrorMessage "{self.error_message}"\nCommand "{self.command}"'
        )


_DOWNLOAD_FAILED = re.compile(
    r"URLError|Tunnel connection failed|Temporary failure in name resolution|Network is unreachable|"
    r"LocalEntryNotFoundError|We couldn't connect to|OfflineModeIsEnabled|NewConnectionError|ProxyError"
)


def advice(report: str) -> str | None:
    """Return what to do about a failure that looks like a download without a network."""
    if not _DOWNLOAD_FAILED.search(report):
        return None
    return (
        "a download failed, and this machine may have no way to that host (under EnableNetworkIsolation no "
        "job has one). Models can be shared: put them into DIR/torch or DIR/huggingface, as ~/.cache has "
        "them, and start with `sagehen up --model-cache DIR`; or bring them as an input channel."
    )


def error_text(error: BaseException) -> str:
    """Return the error without its traceback, which stands in the log: the reason has 1024 characters."""
    return "".join(traceback.format_exception_only(error)).strip()


def write(path: Path, text: str) -> None:
    """Write the failure file, unless the script has; where that fails too, the exit code has to speak."""
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError:
        pass
