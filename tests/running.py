"""RunningSagehen: a platform in a process of its own, for conformance and end-to-end tests."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from sagehen.app.loop_watch import HELD

# Two accounts, so that tests can see that nothing leaks from one into the other.
ACCOUNTS = {
    "123456789012": "AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "210987654321": "AKIAI44QH8DHBEXAMPLE:je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
}

# The platform's own: other Pythons may not be on this machine.
LAMBDA_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"

UP = [sys.executable, "-m", "sagehen.cli", "up"]


class RunningSagehen:
    """Starts `sagehen up` on a data folder of its own and a free port.

    Args:
        data_folder: Kept over `stop` and `start`, and over `kill`.
    """

    def __init__(self, data_folder: Path) -> None:
        self.data_folder = data_folder
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """Return what starts the platform, before its options."""
        return UP

    def start(self, *options: str, timeout_s: float = 60) -> None:
        accounts = [word for account in ACCOUNTS for word in ("--account", account)]
        keys = [word for pair in ACCOUNTS.values() for word in ("--credentials", pair)]
        self.data_folder.mkdir(parents=True, exist_ok=True)
        (self.data_folder / "platform.json").unlink(missing_ok=True)
        log = self.data_folder.parent / "platform.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *self.command(),
                    "--data",
                    str(self.data_folder),
                    "--port",
                    "0",
                    *accounts,
                    *keys,
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            )
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"Sagehen did not start:\n{self.log[-3000:]}")
            try:
                self.facts: dict[str, Any] = json.loads((self.data_folder / "platform.json").read_text())
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.02)
                continue
            self.url = self.facts["url"]
            return
        raise RuntimeError(f"Sagehen did not start within {timeout_s} s:\n{self.log[-3000:]}")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """kill -9, as a power button would."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Stop it as `sagehen down` does; return its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(60)

    @property
    def log(self) -> str:
        """What it has logged, over all its starts."""
        return (self.data_folder.parent / "platform.log").read_text()

    def holdups(self) -> list[str]:
        """Return what the loop's watchdog has logged; it watches where LOOP_WATCH was set at the start."""
        # Each with its stack, up to the next line of the log.
        return [re.split(r"\n\d{4}-", found)[0] for found in self.log.split(HELD)[1:]]

    def reset(self) -> None:
        request = urllib.request.Request(f"{self.url}/_sagehen/reset", method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
