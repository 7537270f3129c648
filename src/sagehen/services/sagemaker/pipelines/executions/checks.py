"""A check of an execution: which baseline it needs, what its job gets, and what comes of it. Pure.

skip, register   drift check   BaselineUsedForDriftCheck
no, no           yes           the baseline of before: supplied, or the latest approved model's
no, yes          yes           what the job calculates
yes, no          no            the baseline of before
yes, yes         no            what the job calculates; no baseline is needed

Documented: Baseline calculation, drift detection and lifecycle with ClarifyCheck and QualityCheck steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sagehen.services.sagemaker.pipelines.definition.checks import (
    CALCULATED,
    CONSTRAINTS,
    DATA_BIAS,
    DATA_QUALITY,
    FLAGS,
    GROUP,
    MODEL_QUALITY,
    STATISTICS,
    SUPPLIED,
    USED,
)
from sagehen.services.sagemaker.pipelines.executions.values import Unresolved

# What a job of each kind writes, by the part of a baseline that it is.
_FILES: Mapping[str, Mapping[str, str]] = {
    DATA_QUALITY: {STATISTICS: "statistics.json", CONSTRAINTS: "constraints.json"},
    MODEL_QUALITY: {STATISTICS: "statistics.json", CONSTRAINTS: "constraints.json"},
    DATA_BIAS: {CONSTRAINTS: "analysis.json"},
}
# Where a model package's DriftCheckBaselines have them.
_PLACES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    DATA_QUALITY: ("ModelDataQuality", {STATISTICS: STATISTICS, CONSTRAINTS: CONSTRAINTS}),
    MODEL_QUALITY: ("ModelQuality", {STATISTICS: STATISTICS, CONSTRAINTS: CONSTRAINTS}),
    DATA_BIAS: ("Bias", {CONSTRAINTS: "PreTrainingConstraints"}),
}
_FOLDER = "/opt/ml/processing/baseline"
# The containers' exit message where there are any.
_VIOLATED = "CompletedWithViolations"


@dataclass(frozen=True, slots=True)
class Check:
    """A check.

    Args:
        supplied: The URIs of a baseline's parts, of which Clarify's has one; '' where it says nothing.
        baseline: Of those of before; () where it needs none.
        calculated: Of those that its job made.
        report: Of its job's violations.
    """

    kind: str
    skip: bool
    fail: bool
    register: bool
    group: str = ""
    supplied: tuple[str, ...] = ("", "")
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
        kind = values["CheckType"]
        supplied = [f"{SUPPLIED}{part}" for part in _FILES[kind]]
        texts = {name: values.get(name, "") for name in (GROUP, *supplied)}
        for name, value in {**flags, **texts}.items():
            if not isinstance(value, bool if name in flags else str):
                raise Unresolved(f"ClientError: The value of {name} has another type.")
        return cls(
            kind=kind,
            skip=flags["SkipCheck"],
            fail=flags["FailOnViolation"],
            register=flags["RegisterNewBaseline"],
            group=texts[GROUP],
            supplied=tuple(texts[name] for name in supplied),
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
        place, members = _PLACES[self.kind]
        section = ((package or {}).get("DriftCheckBaselines") or {}).get(place) or {}
        of_model = [(section.get(member) or {}).get("S3Uri", "") for member in members.values()]
        found = tuple(own or other for own, other in zip(self.supplied, of_model, strict=True))
        for uri, part in zip(found, members, strict=True):
            if not uri:
                lacking = f"There are no baseline {part.lower()} for the check: {self._lacking(package)}"
                raise Unresolved(f"ClientError: {lacking}")
        return replace(self, baseline=found)

    def _lacking(self, package: Mapping[str, Any] | None) -> str:
        if not self.group:
            return "neither supplied, nor is a model package group named."
        if package is None:
            return f"none are supplied, and model package group {self.group} has no approved model package."
        arn = package.get("ModelPackageArn")
        return f"none are supplied, and {arn} has no DriftCheckBaselines of {self.kind}."

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of its job: with the baseline's files, where it is compared with them.

        Raises:
            Unresolved: They are none of a job that leaves reports. The words are ours.
        """
        inputs, variables = given.get("ProcessingInputs") or [], given.get("Environment") or {}
        if not (isinstance(inputs, list) and isinstance(variables, Mapping) and _stored(given)):
            raise Unresolved("ClientError: The arguments of the check are of a job that leaves no reports.")
        if self.skip:
            return dict(given)
        inputs, variables = list(inputs), dict(variables)
        for part, uri in zip(_FILES[self.kind], self.baseline, strict=True):
            variable, place = f"baseline_{part.lower()}", f"{_FOLDER}/{part.lower()}"
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
            calculated=tuple(f"{folder}/{name}" for name in _FILES[self.kind].values()),
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
        parts = _FILES[self.kind]
        return {
            f"{prefix}{part}": uri
            for prefix, uris in ((CALCULATED, self.calculated), (USED, used))
            for part, uri in zip(parts, uris, strict=False)
        }

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
    path = str((job.get("Environment") or {}).get("output_path") or "").rstrip("/")
    stored = _stored(job)
    found = next((one for one in stored if str(one.get("LocalPath")).rstrip("/") == path), stored[0])
    return str(found["S3Uri"]).rstrip("/")


def _stored(job: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the outputs that go to S3."""
    config = job.get("ProcessingOutputConfig")
    outputs = config.get("Outputs") if isinstance(config, Mapping) else None
    each = [one for one in outputs if isinstance(one, Mapping)] if isinstance(outputs, list) else []
    return [one["S3Output"] for one in each if isinstance(one.get("S3Output"), Mapping)]
