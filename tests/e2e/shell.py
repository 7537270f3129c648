"""The `aws` command as it is, in a shell with `sagehen env`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


class Shell:
    """Runs `aws` commands."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def aws(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(Path(sys.executable).parent / "aws"), *words],
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=120,
        )

    def text(self, *words: str) -> str:
        ran = self.aws(*words)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.text(*words, "--output", "json"))
