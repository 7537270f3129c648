"""Settings: the variables of the container's contract, read and judged. Pure.

Documented: SageMaker Developer Guide, Container contract inputs; those of model quality are the SDK's
(`ModelMonitor._generate_env_map`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.monitoring.refusals import Refused

DATA_QUALITY, MODEL_QUALITY = "DATA_QUALITY", "MODEL_QUALITY"
CSV, JSON, CAPTURED = "csv", "json", "sagemakerCaptureJson"
REGRESSION, BINARY, MULTICLASS = "Regression", "BinaryClassification", "MulticlassClassification"
_CAPTURED = ("endpointInput", "endpointOutput")
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class DatasetFormat:
    """How a data set is written.

    Args:
        header: Whether CSV files begin with the names of their columns.
        lines: Whether a JSON file has an object on each line; else it is one object, or a list of them.
        captured: Which sides of captured requests count.
    """

    kind: str
    header: bool = True
    lines: bool = True
    captured: tuple[str, ...] = _CAPTURED


@dataclass(frozen=True, slots=True)
class Settings:
    """What a job shall analyze.

    Args:
        since, until: Of captured requests, those of before and after do not count.
        inference, probability, truth: Names or indices of columns.
        threshold: From which probability on a prediction is positive.
    """

    source: Path
    output: Path
    format: DatasetFormat
    baseline_statistics: Path | None = None
    baseline_constraints: Path | None = None
    preprocessor: Path | None = None
    postprocessor: Path | None = None
    analysis_type: str = DATA_QUALITY
    drift_method: str = "LInfinity"
    since: datetime | None = None
    until: datetime | None = None
    problem_type: str = ""
    inference: str | None = None
    probability: str | None = None
    truth: str | None = None
    threshold: float = 0.5


def read(variables: Mapping[str, str]) -> Settings:
    """Read the variables.

    Raises:
        Refused
    """
    if variables.get("publish_cloudwatch_metrics", "Disabled") != "Disabled":
        # Documented: it is for the jobs of schedules; the SDK sends Disabled for all others.
        raise Refused(
            "publish_cloudwatch_metrics can be Enabled for jobs of a monitoring schedule alone, and there "
            "are none here."
        )
    kind = variables.get("analysis_type") or DATA_QUALITY
    if kind not in (DATA_QUALITY, MODEL_QUALITY):
        raise Refused(f"analysis_type '{kind}' is not implemented: {DATA_QUALITY} and {MODEL_QUALITY} are.")
    found = Settings(
        source=Path(_required(variables, "dataset_source")),
        output=Path(_required(variables, "output_path")),
        format=_format(_required(variables, "dataset_format")),
        baseline_statistics=_file(variables, "baseline_statistics", "statistics.json"),
        baseline_constraints=_file(variables, "baseline_constraints", "constraints.json"),
        preprocessor=_path(variables, "record_preprocessor_script"),
        postprocessor=_path(variables, "post_analytics_processor_script"),
        analysis_type=kind,
        drift_method=variables.get("categorical_drift_method") or "LInfinity",
        since=_moment(variables, "start_time"),
        until=_moment(variables, "end_time"),
        problem_type=variables.get("problem_type", ""),
        inference=variables.get("inference_attribute") or None,
        probability=variables.get("probability_attribute") or None,
        truth=variables.get("ground_truth_attribute") or None,
        threshold=_number(variables, "probability_threshold_attribute", 0.5),
    )
    _require(found)
    return found


def _require(found: Settings) -> None:
    if found.preprocessor is not None and found.format.kind != CAPTURED:
        raise Refused(
            "record_preprocessor_script is for captured data (sagemakerCaptureJson): how it is shown records "
            f"of the format {found.format.kind} is not documented."
        )
    if found.analysis_type == DATA_QUALITY:
        return
    if found.problem_type not in (REGRESSION, BINARY, MULTICLASS):
        raise Refused(
            f"problem_type '{found.problem_type}' must be one of {REGRESSION}, {BINARY}, {MULTICLASS}."
        )
    if found.truth is None:
        raise Refused("ground_truth_attribute is required for analysis_type MODEL_QUALITY.")
    if found.inference is None and not (found.problem_type == BINARY and found.probability):
        raise Refused(f"inference_attribute is required for problem_type {found.problem_type}.")


def _required(variables: Mapping[str, str], name: str) -> str:
    if not (value := variables.get(name)):
        raise Refused(f"The environment variable {name} is required.")
    return value


def _path(variables: Mapping[str, str], name: str) -> Path | None:
    return Path(value) if (value := variables.get(name)) else None


def _file(variables: Mapping[str, str], name: str, inside: str) -> Path | None:
    path = _path(variables, name)
    return path / inside if path is not None and path.is_dir() else path


def _format(text: str) -> DatasetFormat:
    try:
        given = json.loads(text)
        ((kind, options),) = given.items()
        options = dict(options or {})
    except (ValueError, AttributeError, TypeError):
        raise Refused(f"dataset_format '{text[:200]}' is no JSON object of one format.") from None
    if kind == CSV:
        if options.get("output_columns_position", "START") != "START":
            raise Refused(
                "output_columns_position END is not implemented: put the columns of the model's output first."
            )
        return DatasetFormat(CSV, header=_truth("header", options.get("header", True)))
    if kind == JSON:
        # The SDK writes `lines`, the contract `line`.
        return DatasetFormat(JSON, lines=_truth("lines", options.get("lines", options.get("line", True))))
    if kind == CAPTURED:
        sides = options.get("captureIndexNames") or _CAPTURED
        if not isinstance(sides, (list, tuple)) or not all(side in _CAPTURED for side in sides):
            raise Refused(f"captureIndexNames may have {' and '.join(_CAPTURED)}.")
        return DatasetFormat(CAPTURED, captured=tuple(side for side in _CAPTURED if side in sides))
    raise Refused(f"dataset_format {kind} is not implemented: {CSV}, {JSON} and {CAPTURED} are.")


def _truth(name: str, value: Any) -> bool:
    found = value if isinstance(value, bool) else _TRUTHS.get(str(value).lower())
    if found is None:
        raise Refused(f"{name} '{value}' in dataset_format is neither true nor false.")
    return found


def _moment(variables: Mapping[str, str], name: str) -> datetime | None:
    if not (text := variables.get(name)):
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", ""))  # the contract's own example has spaces in it
    except ValueError:
        raise Refused(f"{name} '{text}' is no time of ISO 8601.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _number(variables: Mapping[str, str], name: str, otherwise: float) -> float:
    if not (text := variables.get(name)):
        return otherwise
    try:
        return float(text)
    except ValueError:
        raise Refused(f"{name} '{text}' is no number.") from None
