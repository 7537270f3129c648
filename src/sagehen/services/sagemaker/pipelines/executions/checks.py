"""A quality check of an execution: which baseline it needs, what its job gets, and what comes of it. Pure.

skip, register   drift check   BaselineUsedForDriftCheck
no, no           yes           the baseline of before: supplied, or the latest approved model's
no, yes          yes           what the job calculates
yes, no          no            the baseline of before
yes, yes         no            what the job calculates; no baseline is needed

Documented: Baseline calculation, drift detection and lifecycle with ClarifyCheck and QualityCheck steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sagehen.services.sagemaker.pipelines.definition.checks import (
    CALCULATED,
    DATA_QUALITY,
    FLAGS,
    GROUP,
    SUPPLIED,
    USED,
)
from sagehen.services.sagemaker.pipelines.executions.values import Unresolved

# Of the analyzer's contract: the variables that name a baseline's files, in the order of `baseline`.
_VARIABLES = ("baseline_statistics", "baseline_constraints")
_FILES = ("statistics.json", "constraints.json")
_FOLDER = "/opt/ml/processing/baseline"
# The container's exit message where there are any.
_VIOLATED = "CompletedWithViolations"
# Where a model package has them.
_SECTIONS = {DATA_QUALITY: "ModelDataQuality"}
_MODEL_SECTION = "ModelQuality"


@dataclass(frozen=True, slots=True)
class Check:
    """A check.

    Args:
        baseline: The URIs of the statistics and constraints of before; () where it needs none.
        calculated: Of those that its job made.
        report: Of its job's violations.
    """

    kind: str
    skip: bool
    fail: bool
    register: bool
    group: str = ""
    supplied: tuple[str, str] = ("", "")
    baseline: tuple[str, ...] = ()
    calculated: tuple[str, ...] = ()
    report: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Check:
        """Read a definition's check, evaluated.

        Raises:
            Unresolved: A value is of another type than its member.
        """
        flags = {name: values.get(name, default) for name, default in FLAGS.items()}
        texts = {name: values.get(name, "") for name in (GROUP, *SUPPLIED)}
        for name, value in {**flags, **texts}.items():
            if not isinstance(value, bool if name in flags else str):
                raise Unresolved(f"ClientError: The value of {name} has another type.")
        return cls(
            kind=values["CheckType"],
            skip=flags["SkipCheck"],
            fail=flags["FailOnViolation"],
            register=flags["RegisterNewBaseline"],
            group=texts[GROUP],
            supplied=(texts[SUPPLIED[0]], texts[SUPPLIED[1]]),
        )

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Check:
        """Return what `asdict` made of one, as JSON brings it."""
        read: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
        }
        return cls(**read)

    @property
    def needs_baseline(self) -> bool:
        return not (self.skip and self.register)

    @property
    def asks_group(self) -> bool:
        """Whether the model package group must be asked: what is supplied comes first (documented)."""
        return self.needs_baseline and not all(self.supplied)

    def with_baseline(self, package: Mapping[str, Any] | None) -> Check:
        """Return it with the baseline of before.

        Args:
            package: The latest approved model package; None where there is none.

        Raises:
            Unresolved: It needs one that is not there. The words are ours.
        """
        if not self.needs_baseline:
            return self
        section = ((package or {}).get("DriftCheckBaselines") or {}).get(
            _SECTIONS.get(self.kind, _MODEL_SECTION)
        )
        of_model = [
            ((section or {}).get(name) or {}).get("S3Uri", "") for name in ("Statistics", "Constraints")
        ]
        found = tuple(own or other for own, other in zip(self.supplied, of_model, strict=True))
        for uri, what in zip(found, ("statistics", "constraints"), strict=True):
            if not uri:
                raise Unresolved(
                    f"ClientError: There are no baseline {what} for the check: {self._lacking(package)}"
                )
        return replace(self, baseline=found)

    def _lacking(self, package: Mapping[str, Any] | None) -> str:
        if not self.group:
            return "neither supplied, nor is a model package group named."
        if package is None:
            return f"none are supplied, and model package group {self.group} has no approved model package."
        arn = package.get("ModelPackageArn")
        return f"none are supplied, and {arn} has no DriftCheckBaselines of {self.kind}."

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of its job: with the baseline's files, where it is compared with them."""
        if self.skip:
            return dict(given)
        inputs, variables = list(given.get("ProcessingInputs") or ()), dict(given.get("Environment") or {})
        for variable, uri in zip(_VARIABLES, self.baseline, strict=True):
            place = f"{_FOLDER}/{variable.partition('_')[2]}"
            inputs.append(_input(variable, uri, place))
            variables[variable] = f"{place}/{uri.rpartition('/')[2]}"
        return {**given, "ProcessingInputs": inputs, "Environment": variables}

    def ended(self, job: Mapping[str, Any]) -> Check:
        """Return it with what its job, which has completed, left."""
        folder = _output(job)
        report = f"{folder}/constraint_violations.json"
        is_violated = not self.skip and str(job.get("ExitMessage") or "").startswith(_VIOLATED)
        return replace(
            self,
            calculated=tuple(f"{folder}/{name}" for name in _FILES),
            report=report if is_violated else "",
        )

    @property
    def failure(self) -> str:
        """Why the step fails; '' where it does not. The words are ours."""
        if not self.report or not self.fail:
            return ""
        return f"ClientError: The {self.kind} check found violations of the baseline. See {self.report}"

    @property
    def properties(self) -> dict[str, str]:
        """What other steps may read of it."""
        used = self.calculated if self.register else self.baseline
        return {**dict(zip(CALCULATED, self.calculated, strict=False)), **dict(zip(USED, used, strict=False))}

    def metadata(self, job_arn: str) -> dict[str, Any]:
        """Return it as ListPipelineExecutionSteps shows it."""
        found = {
            "CheckType": self.kind,
            **self.properties,
            GROUP: self.group or None,
            "ViolationReport": self.report or None,
            "CheckJobArn": job_arn,
            "SkipCheck": self.skip,
            "RegisterNewBaseline": self.register,
        }
        return {name: value for name, value in found.items() if value is not None}

    def cached(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return what must be the same where its result is used again: its job's arguments, and itself."""
        return {**arguments, "Check": asdict(self)}


def _input(name: str, uri: str, place: str) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": place, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source}


def _output(job: Mapping[str, Any]) -> str:
    """Return the URI of the output that the container's reports go to."""
    outputs: Sequence[Mapping[str, Any]] = job["ProcessingOutputConfig"]["Outputs"]
    path = str((job.get("Environment") or {}).get("output_path") or "").rstrip("/")
    stored = [one["S3Output"] for one in outputs]
    found = next((one for one in stored if str(one.get("LocalPath")).rstrip("/") == path), stored[0])
    return str(found["S3Uri"]).rstrip("/")
