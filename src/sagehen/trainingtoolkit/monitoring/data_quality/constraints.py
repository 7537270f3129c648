"""constraints.json: what is suggested of a data set, and how a baseline's is read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.trainingtoolkit.monitoring.data_quality.profile import (
    FRACTIONAL,
    INTEGRAL,
    STRING,
    UNKNOWN,
    ColumnProfile,
)
from sagehen.trainingtoolkit.monitoring.refusals import Refused

# What AWS's container suggests: outputs of public notebooks. The documentation's 0.1 for the first two would
# be met by nearly anything: reports say "Expected match: 100.0%" of constraints that nobody changed.
_SHARE, _DISTANCE = 1.0, 0.1
_METHODS = {"Simple": False, "linf_simple": False, "Robust": True, "linf_robust": True}


@dataclass(frozen=True, slots=True)
class Rules:
    """How one feature, or a whole data set, is checked: monitoring_config.

    Args:
        types: The least share of values that are of the inferred type.
        domain: The least share of values that are in the domain.
        compares: Whether distributions are compared.
        distance: The greatest distance of numbers' distributions; `categorical_distance`: of texts'.
        robust: Whether a distance makes allowance for few values.
    """

    evaluates: bool = True
    types: float = _SHARE
    domain: float = _SHARE
    compares: bool = True
    distance: float = _DISTANCE
    categorical_distance: float = _DISTANCE
    robust: bool = True


def document(profiles: Mapping[str, ColumnProfile], records: int, drift_method: str) -> dict[str, Any]:
    """Return the constraints that a data set suggests.

    Raises:
        Refused: Nobody knows how to compare by that method.
    """
    _require_method(drift_method)
    return {
        "version": 0.0,
        "features": [_feature(name, profile, records) for name, profile in profiles.items()],
        "monitoring_config": {
            "evaluate_constraints": "Enabled",
            "emit_metrics": "Enabled",
            "datatype_check_threshold": _SHARE,
            "domain_content_threshold": _SHARE,
            "distribution_constraints": {
                "perform_comparison": "Enabled",
                "comparison_threshold": _DISTANCE,
                "comparison_method": "Robust",
                "categorical_comparison_threshold": _DISTANCE,
                "categorical_drift_method": drift_method,
            },
        },
    }


def _feature(name: str, profile: ColumnProfile, records: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "inferred_type": profile.kind,
        "completeness": profile.present / records if records else 0.0,
    }
    if profile.kind in (INTEGRAL, FRACTIONAL):
        found["num_constraints"] = {"is_non_negative": min(profile.numbers) >= 0}
    elif profile.kind == STRING and profile.categories is not None:
        found["string_constraints"] = {"domains": sorted(profile.categories)}
    return found


def rules_of(config: Mapping[str, Any], above: Rules = Rules()) -> Rules:
    """Read a monitoring_config.

    Args:
        above: What holds where it says nothing.

    Raises:
        Refused
    """
    distributions = config.get("distribution_constraints") or {}
    if not isinstance(distributions, Mapping):
        raise Refused("distribution_constraints of the baseline constraints is no JSON object.")
    _require_method(distributions.get("categorical_drift_method") or "LInfinity")
    # comparion_method: as an edition of the documentation spells it.
    method = distributions.get("comparison_method", distributions.get("comparion_method"))
    if method is not None and method not in _METHODS:
        raise Refused(f"comparison_method '{method}' of the baseline constraints is not known.")
    distance = _number(distributions, "comparison_threshold", above.distance)
    inherited = distance if "comparison_threshold" in distributions else above.categorical_distance
    return Rules(
        evaluates=_enabled(config, "evaluate_constraints", above.evaluates),
        types=_number(config, "datatype_check_threshold", above.types),
        domain=_number(config, "domain_content_threshold", above.domain),
        compares=_enabled(distributions, "perform_comparison", above.compares),
        distance=distance,
        categorical_distance=_number(distributions, "categorical_comparison_threshold", inherited),
        robust=above.robust if method is None else _METHODS[method],
    )


def overrides_of(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a feature has of its own: the SDK spells it so, the documentation in the other way."""
    found = feature.get("monitoring_config_overrides") or feature.get("monitoringConfigOverrides") or {}
    if not isinstance(found, Mapping):
        raise Refused("monitoring_config_overrides of the baseline constraints is no JSON object.")
    return found


def features_of(baseline: Mapping[str, Any], what: str) -> dict[str, Mapping[str, Any]]:
    """Return the features of a baseline file by their names.

    Args:
        what: Which file, for the message.

    Raises:
        Refused
    """
    given = baseline.get("features")
    if not isinstance(given, list) or not all(
        isinstance(one, Mapping) and isinstance(one.get("name"), str) for one in given
    ):
        raise Refused(f"The baseline {what} have no features with names.")
    found = {str(one["name"]): one for one in given}
    kinds = (INTEGRAL, FRACTIONAL, STRING, UNKNOWN)
    for name, one in found.items():
        if one.get("inferred_type") not in kinds:
            raise Refused(
                f"The inferred_type of '{name[:100]}' in the baseline {what} is not one of {kinds}."
            )
    return found


def _require_method(method: Any) -> None:
    if method != "LInfinity":
        raise Refused(
            f"categorical_drift_method {method} is not implemented, since how it meets its threshold is not "
            "documented: LInfinity is."
        )


def _enabled(config: Mapping[str, Any], name: str, otherwise: bool) -> bool:
    value = config.get(name)
    if value not in (None, "Enabled", "Disabled"):
        raise Refused(f"{name} '{value}' of the baseline constraints is neither Enabled nor Disabled.")
    return otherwise if value is None else value == "Enabled"


def _number(config: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = config.get(name)
    if value is None:
        return otherwise
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise Refused(f"{name} '{value}' of the baseline constraints is no number.")
    return float(value)
