"""`python -m sagehen.trainingtoolkit.clarify`: the entry point of `sagemaker-clarify-processing`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.clarify import analysis, config, headers, report
from sagehen.trainingtoolkit.monitoring.job import carry_out
from sagehen.trainingtoolkit.monitoring.reading import csv_rows
from sagehen.trainingtoolkit.monitoring.reading.files import files_of
from sagehen.trainingtoolkit.monitoring.reports import completed, read_json

# Documented: the SDK's SageMakerClarifyProcessor.
_BASE = Path("/opt/ml/processing")
_BASELINE = "baseline_constraints"


def main() -> None:
    """Analyze what lies where the SDK puts it."""
    print("sagehen: this stands for AWS's Clarify, of pretraining bias alone.", flush=True)
    baseline = os.environ.get(_BASELINE)
    # The message is the analyzer's of Model Monitor: that of Clarify's own is not recorded.
    carry_out(lambda: completed(run(_BASE / "input", _BASE / "output", Path(baseline) if baseline else None)))


def run(given: Path, output: Path, baseline: Path | None) -> list[dict[str, str]]:
    """Analyze, and write the reports; return what is worse than the baseline.

    Raises:
        Refused
    """
    wanted = config.read(read_json(given / "config" / "analysis_config.json"))
    files = files_of(given / "data")
    names = wanted.headers or headers.placeholders(csv_rows.first_row(files), wanted.columns)
    found = analysis.analyze(csv_rows.batches(files, header=not names, names=names), wanted)
    output.mkdir(parents=True, exist_ok=True)
    (output / "analysis.json").write_text(json.dumps(found, indent=2, allow_nan=False))
    if wanted.report is not None:
        name, title = wanted.report
        (output / f"{name}.html").write_text(report.page(title, found))
    return [] if baseline is None else _compared(output, found, read_json(baseline))


def _compared(output: Path, found: Mapping[str, Any], baseline: Mapping[str, Any]) -> list[dict[str, str]]:
    worse = analysis.violations(found, baseline)
    (output / "constraint_violations.json").write_text(
        json.dumps({"version": "1.0", "violations": worse}, indent=2)
    )
    return worse


if __name__ == "__main__":
    main()
