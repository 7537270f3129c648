"""`python -m sagehen.trainingtoolkit.monitoring`: the entry point of `sagemaker-model-monitor-analyzer`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from sagehen.trainingtoolkit.monitoring import scripts, settings
from sagehen.trainingtoolkit.monitoring.data_quality import analysis as data_quality
from sagehen.trainingtoolkit.monitoring.job import carry_out
from sagehen.trainingtoolkit.monitoring.model_quality import analysis as model_quality
from sagehen.trainingtoolkit.monitoring.reading import dataset
from sagehen.trainingtoolkit.monitoring.refusals import Refused
from sagehen.trainingtoolkit.monitoring.reports import Reports, read_json
from sagehen.trainingtoolkit.monitoring.settings import DATA_QUALITY, Settings


def main() -> None:
    """Analyze what the environment names."""
    print("sagehen: this analyzer stands for AWS's, which is Spark and Deequ; here numpy computes all.")
    carry_out(lambda: run(settings.read(os.environ)).message)


def run(found: Settings) -> Reports:
    """Analyze, and write the reports.

    Raises:
        Refused
    """
    baseline = (found.baseline_constraints, found.baseline_statistics)
    constraints, statistics = (None if path is None else read_json(path) for path in baseline)
    if statistics is not None and constraints is None:
        raise Refused("baseline_statistics without baseline_constraints have nothing to be checked for.")
    preprocess = None if found.preprocessor is None else scripts.preprocess(found.preprocessor)
    batches = dataset.batches(found, _names(constraints), preprocess)
    if found.analysis_type == DATA_QUALITY:
        reports = data_quality.analyze(batches, found.drift_method, constraints, statistics)
    else:
        reports = model_quality.analyze(batches, found, constraints)
    reports.write(found.output)
    if found.postprocessor is not None:
        scripts.postprocess(found.postprocessor)
    return reports


def _names(constraints: Mapping[str, Any] | None) -> Sequence[str]:
    """Return what columns without names are called: as the baseline's at their places."""
    features = (constraints or {}).get("features")
    if not isinstance(features, list):
        return ()
    return [str(one["name"]) for one in features if isinstance(one, Mapping) and "name" in one]


if __name__ == "__main__":
    main()
