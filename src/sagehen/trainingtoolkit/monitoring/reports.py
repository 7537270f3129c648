"""Reports: the files that an analysis writes, and what its exit message says of them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.monitoring.refusals import Refused


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
        """The job's ExitMessage."""
        return completed(self.violations or ())

    def write(self, folder: Path) -> None:
        """Write the files. Documented: Container contract outputs."""
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "statistics.json", self.statistics)
        _write(folder / "constraints.json", self.constraints)
        if self.violations is not None:
            _write(folder / "constraint_violations.json", {"violations": self.violations})


def completed(violations: Sequence[object]) -> str:
    """Return an exit message. Recorded: aws-samples' monitoring of custom metrics, public notebooks."""
    if violations:
        return f"CompletedWithViolations: Job completed successfully with {len(violations)} violations."
    return "Completed: Job completed successfully with no violations."


def number(value: float) -> float | str:
    """Return a number as it stands in a report: what JSON has no number for, by its name."""
    if math.isfinite(value):
        return float(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def read_json(path: Path) -> dict[str, Any]:
    """Read a file that a job was given.

    Raises:
        Refused: It is not there, or is no JSON object.
    """
    try:
        found = json.loads(path.read_text())
    except OSError:
        raise Refused(f"There is no file {path}.") from None
    except (ValueError, RecursionError):
        raise Refused(f"{path} is no JSON.") from None
    if not isinstance(found, dict):
        raise Refused(f"{path} is no JSON object.")
    return found


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, allow_nan=False))
