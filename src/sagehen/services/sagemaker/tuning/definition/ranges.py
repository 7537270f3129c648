"""ParameterRanges, read and checked. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.tuning.definition.space import (
    Categorical,
    Continuous,
    Integer,
    Parameter,
    Space,
    integer,
    scale_of,
)

# Documented: SageMaker Developer Guide, Resource limits for automatic model tuning.
MOST_PARAMETERS = 30
# Java's `long`, which AWS's service is likely to read them as; ours: above 2^53 a float misses integers.
_MOST_INTEGER = 2**53
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")


def space_of(ranges: Mapping[str, Any]) -> Space:
    """Return the space of a ParameterRanges.

    Raises:
        ValidationException: A rule of AWS's is broken. The rules are documented (Define hyperparameter
        ranges, and the
            shapes of the model); that bounds must differ and values be distinct is recorded
            (aws/amazon-sagemaker-feedback issue 195). The words are ours.
    """
    readers: tuple[tuple[str, Callable[[Mapping[str, Any]], Parameter]], ...] = (
        ("IntegerParameterRanges", _integer),
        ("ContinuousParameterRanges", _continuous),
        ("CategoricalParameterRanges", _categorical),
    )
    parameters = [read(entry) for member, read in readers for entry in ranges.get(member) or ()]
    _check_names([parameter.name for parameter in parameters])
    return Space(tuple(parameters))


def _check_names(names: Sequence[str]) -> None:
    if not names:
        raise ValidationException("At least one hyperparameter range must be specified in ParameterRanges.")
    if len(names) > MOST_PARAMETERS:
        raise ValidationException(
            f"The number of hyperparameters to search, {len(names)}, exceeds the limit of {MOST_PARAMETERS}."
        )
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValidationException(f"Hyperparameter {repeated[0]} is specified in more than one range.")


def _integer(entry: Mapping[str, Any]) -> Integer:
    name, kind = entry["Name"], entry.get("ScalingType", "Auto")
    low, high = (
        _parsed(name, entry[bound], _INTEGER, int, "an integer") for bound in ("MinValue", "MaxValue")
    )
    if max(abs(low), abs(high)) > _MOST_INTEGER:
        raise ValidationException(f"The range of integer hyperparameter {name} is beyond {_MOST_INTEGER}.")
    _check_order(name, low, high)
    if kind == "ReverseLogarithmic":
        raise ValidationException(
            f"Hyperparameter {name}: ReverseLogarithmic scaling is supported for continuous hyperparameters"
            " only."
        )
    _check_scaling(name, kind, low, high)
    return integer(name, low, high, kind)


def _continuous(entry: Mapping[str, Any]) -> Continuous:
    name, kind = entry["Name"], entry.get("ScalingType", "Auto")
    low, high = (
        _parsed(name, entry[bound], _NUMBER, float, "a number") for bound in ("MinValue", "MaxValue")
    )
    _check_order(name, low, high)
    _check_scaling(name, kind, low, high)
    return Continuous(name, scale_of(kind, low, high))


def _categorical(entry: Mapping[str, Any]) -> Categorical:
    values = tuple(entry["Values"])
    if len(set(values)) != len(values):
        raise ValidationException(f"The values of categorical hyperparameter {entry['Name']} must be unique.")
    return Categorical(entry["Name"], values)


def _parsed(name: str, text: str, pattern: re.Pattern[str], read: Callable[[str], Any], what: str) -> Any:
    value = read(text.strip()) if pattern.fullmatch(text.strip()) else math.inf
    if not math.isfinite(value):
        raise ValidationException(
            f"The range of hyperparameter {name} has a bound that is not {what}: {text!a}."
        )
    return value


def _check_order(name: str, low: float, high: float) -> None:
    if low >= high:
        raise ValidationException(
            f"Hyperparameter {name}: MinValue must be less than MaxValue, but [{low}] is not less than"
            f" [{high}]."
        )


def _check_scaling(name: str, kind: str, low: float, high: float) -> None:
    if kind == "Logarithmic" and low <= 0:
        raise ValidationException(
            f"Hyperparameter {name}: Logarithmic scaling works only for ranges that have only values"
            " greater than 0."
        )
    if kind == "ReverseLogarithmic" and (low < 0 or high >= 1):
        raise ValidationException(
            f"Hyperparameter {name}: ReverseLogarithmic scaling works only for ranges that are entirely"
            " within the "
            "range 0<=x<1.0."
        )
