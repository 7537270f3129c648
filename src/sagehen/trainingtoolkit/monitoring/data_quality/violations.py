"""constraint_violations.json: in what a data set does not keep to a baseline. Pure.

Documented: Schema for violations, its six types. The wording of data types and of columns is recorded in
public notebooks and books, that of distances from memory, the others are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.trainingtoolkit.monitoring.data_quality import constraints, distances
from sagehen.trainingtoolkit.monitoring.data_quality.constraints import Rules
from sagehen.trainingtoolkit.monitoring.data_quality.profile import STRING, UNKNOWN, ColumnProfile
from sagehen.trainingtoolkit.monitoring.refusals import Refused

Feature = Mapping[str, Any]
Violation = dict[str, str]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a data set is held against.

    Args:
        rules: Of the whole data set.
        expected: The features of constraints.json.
        distributions: Those of statistics.json; of none, nothing is compared with them.
    """

    rules: Rules
    expected: Mapping[str, Feature]
    distributions: Mapping[str, Feature]

    @classmethod
    def of(cls, found: Mapping[str, Any], statistics: Mapping[str, Any] | None) -> Baseline:
        """Read a baseline's files.

        Raises:
            Refused
        """
        config = found.get("monitoring_config") or {}
        if not isinstance(config, Mapping):
            raise Refused("monitoring_config of the baseline constraints is no JSON object.")
        return cls(
            constraints.rules_of(config),
            constraints.features_of(found, "constraints"),
            {} if statistics is None else constraints.features_of(statistics, "statistics"),
        )

    def domain_of(self, name: str) -> list[str] | None:
        """Return the values that a feature is expected to have; None: any."""
        limits = self.expected.get(name, {}).get("string_constraints") or {}
        domain = limits.get("domains") if isinstance(limits, Mapping) else None
        return [str(value) for value in domain] if isinstance(domain, list) else None


def violations(
    baseline: Baseline, profiles: Mapping[str, ColumnProfile], statistics: Mapping[str, Any], records: int
) -> list[Violation]:
    """Return all violations, in the order of the baseline's features.

    Args:
        profiles, statistics: Of the data set.

    Raises:
        Refused: The baseline cannot be read.
    """
    if not baseline.rules.evaluates:
        return []
    found = [*_columns(baseline, profiles)]
    ours = {feature["name"]: feature for feature in statistics["features"]}
    for name, expected in baseline.expected.items():
        rules = constraints.rules_of(constraints.overrides_of(expected), baseline.rules)
        if rules.evaluates and name in profiles:
            found += _values(name, expected, rules, profiles[name], records, baseline.domain_of(name))
            if rules.compares and name in baseline.distributions:
                found += _distribution(name, rules, ours[name], baseline.distributions[name])
    return found


def _columns(baseline: Baseline, profiles: Mapping[str, ColumnProfile]) -> Iterator[Violation]:
    counts = (
        f"Number of columns in current dataset: {len(profiles)}, "
        f"Number of columns in baseline constraints: {len(baseline.expected)}"
    )
    if baseline.expected.keys() - profiles.keys():
        text = f"There are missing columns in current dataset. {counts}"
        yield _violation("Missing columns", "missing_column_check", text)
    if profiles.keys() - baseline.expected.keys():
        text = f"There are extra columns in current dataset. {counts}"
        yield _violation("Extra columns", "extra_column_check", text)


def _values(
    name: str, expected: Feature, rules: Rules, profile: ColumnProfile, records: int, domain: list[str] | None
) -> Iterator[Violation]:
    kind = expected["inferred_type"]
    if (share := profile.share_of(kind)) < rules.types:
        text = (
            f"Data type match requirement is not met. Expected data type: {kind}, Expected match: "
            f"{rules.types * 100}%. Observed: Only {share * 100}% of data is {kind}."
        )
        yield _violation(name, "data_type_check", text)
    least, complete = expected.get("completeness"), profile.present / records if records else 0.0
    if isinstance(least, (int, float)) and complete < least:
        text = (
            f"Completeness requirement is not met. Expected: {least * 100}%. "
            f"Observed: Only {complete * 100}% of data is present."
        )
        yield _violation(name, "completeness_check", text)
    known = profile.expected / profile.present if profile.present else 1.0
    if domain is not None and kind == STRING and known < rules.domain:
        text = (
            f"Value set requirement is not met. Expected match: {rules.domain * 100}%. "
            f"Observed: Only {known * 100}% of values are in the baseline's."
        )
        yield _violation(name, "categorical_values_check", text)


def _distribution(name: str, rules: Rules, ours: Feature, theirs: Feature) -> Iterator[Violation]:
    """Compare what both have of a feature; where one is text and the other not, its type is told."""
    numbers, text = "numerical_statistics", "string_statistics"
    if numbers in ours and numbers in theirs:
        sketches = _sketch(name, ours[numbers]), _sketch(name, theirs[numbers])
        distance, most = distances.numerical(*sketches, robust=rules.robust), rules.distance
    elif text in ours and text in theirs and UNKNOWN not in (ours["inferred_type"], theirs["inferred_type"]):
        counts = _counts(ours[text]), _counts(theirs[text])
        if not counts[0] or not counts[1]:
            return  # more values than are counted
        distance, most = distances.categorical(*counts, robust=rules.robust), rules.categorical_distance
    else:
        return
    if distance > most:
        told = f"Baseline drift distance: {distance} exceeds threshold: {most}"
        yield _violation(name, "baseline_drift_check", told)


def _sketch(name: str, statistics: Feature) -> list[list[float]]:
    try:
        levels = [
            [float(value) for value in level] for level in statistics["distribution"]["kll"]["sketch"]["data"]
        ]
    except (KeyError, TypeError, ValueError):
        levels = []
    if not any(levels):
        raise Refused(f"The baseline statistics of '{name[:100]}' have no sketch to compare with.")
    return levels


def _counts(statistics: Feature) -> dict[str, float]:
    try:
        buckets = statistics["distribution"]["categorical"]["buckets"]
        return {str(one["value"]): float(one["count"]) for one in buckets if one["count"] > 0}
    except (KeyError, TypeError, ValueError):
        return {}


def _violation(name: str, kind: str, description: str) -> Violation:
    return {"feature_name": name, "constraint_check_type": kind, "description": description}
