"""Reports: the files that an analysis writes, and the exit message."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_MESSAGE = Path("/opt/ml/output/message")


@dataclass(frozen=True, slots=True)
class Reports:
    """What an analysis found.

    Args:
        violations: Of a baseline; None where there was none.
    """

    statistics: Mapping[str, Any]
    constraints: Mapping[str, Any]
    violations: Sequence[Mapping[str, str]] | None = None

    @property
    def message(self) -> str:
        """The job's ExitMessage. Recorded: aws-samples' monitoring of custom metrics, public notebooks."""
        if self.violations:
            return (
                f"CompletedWithViolations: Job completed successfully with {len(self.violations)} violations."
            )
        return "Completed: Job completed successfully with no violations."

    def write(self, folder: Path) -> None:
        """Write the files. Documented: Container contract outputs."""
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "statistics.json", self.statistics)
        _write(folder / "constraints.json", self.constraints)
        if self.violations is not None:
            _write(folder / "constraint_violations.json", {"violations": self.violations})


def tell(message: str, path: Path = _MESSAGE) -> None:
    """Say how it ended, in the log and in the job's description."""
    print(message, flush=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(message)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, allow_nan=False))
