"""statistics.json: the documented schema. Values are exact, but the sketch of more than 2,048 numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sagehen.trainingtoolkit.monitoring.data_quality import sketch
from sagehen.trainingtoolkit.monitoring.data_quality.profile import STRING, UNKNOWN, ColumnProfile
from sagehen.trainingtoolkit.monitoring.reports import number

# Documented: ten, which cannot be configured.
_BUCKETS = 10


def document(profiles: Mapping[str, ColumnProfile], records: int) -> dict[str, Any]:
    """Return the statistics of a data set."""
    features = [_feature(name, profile, records) for name, profile in profiles.items()]
    return {"version": 0.0, "dataset": {"item_count": records}, "features": features}


def _feature(name: str, profile: ColumnProfile, records: int) -> dict[str, Any]:
    feature: dict[str, Any] = {"name": name, "inferred_type": profile.kind}
    common = {"num_present": profile.present, "num_missing": records - profile.present}
    if profile.kind in (STRING, UNKNOWN):
        return feature | {"string_statistics": {"common": common, **_text(profile)}}
    return feature | {"numerical_statistics": {"common": common, **_numerical(profile)}}


def _text(profile: ColumnProfile) -> dict[str, Any]:
    found: dict[str, Any] = {"distinct_count": float(profile.distinct)}
    if profile.categories is not None:
        buckets = [{"value": value, "count": count} for value, count in profile.categories.items()]
        found["distribution"] = {"categorical": {"buckets": buckets}}
    return found


def _numerical(profile: ColumnProfile) -> dict[str, Any]:
    import numpy

    values = numpy.asarray(profile.numbers)
    with numpy.errstate(over="ignore", invalid="ignore"):
        told = {
            "mean": values.mean(), "sum": values.sum(), "std_dev": values.std(), "min": values.min(),
            "max": values.max(),
        }  # fmt: skip
    kll = {
        "buckets": _buckets(values),
        "sketch": {"parameters": {"c": sketch.C, "k": float(sketch.K)}, "data": sketch.levels_of(values)},
    }
    return {name: number(value) for name, value in told.items()} | {"distribution": {"kll": kll}}


def _buckets(values: Any) -> list[dict[str, float]]:
    """Ten of the same width; one where all values are the same."""
    import numpy

    low, high = float(values.min()), float(values.max())
    if not low < high or not math.isfinite(high - low):
        return [{"lower_bound": low, "upper_bound": high, "count": float(len(values))}]
    counts, bounds = numpy.histogram(values, _BUCKETS, (low, high))
    return [
        {"lower_bound": float(lower), "upper_bound": float(upper), "count": float(count)}
        for lower, upper, count in zip(bounds, bounds[1:], counts, strict=False)
    ]
