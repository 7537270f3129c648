"""The analysis of data quality: a data set is read once, and its reports are made of the profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sagehen.trainingtoolkit.monitoring.data_quality import constraints, statistics
from sagehen.trainingtoolkit.monitoring.data_quality.profile import ColumnProfile
from sagehen.trainingtoolkit.monitoring.data_quality.violations import Baseline, violations
from sagehen.trainingtoolkit.monitoring.reading.batch import Batch
from sagehen.trainingtoolkit.monitoring.refusals import Refused
from sagehen.trainingtoolkit.monitoring.reports import Reports


def analyze(
    batches: Iterable[Batch],
    drift_method: str,
    baseline: Mapping[str, Any] | None,
    baseline_statistics: Mapping[str, Any] | None,
) -> Reports:
    """Analyze a data set.

    Raises:
        Refused: It has no records, or the baseline cannot be read.
    """
    against = None if baseline is None else Baseline.of(baseline, baseline_statistics)
    profiles, records = _profiles(batches, against)
    if not records:
        raise Refused("The dataset has no records.")
    told = statistics.document(profiles, records)
    suggested = constraints.document(profiles, records, drift_method)
    found = None if against is None else violations(against, profiles, told, records)
    return Reports(told, suggested, found)


def _profiles(batches: Iterable[Batch], against: Baseline | None) -> tuple[dict[str, ColumnProfile], int]:
    profiles: dict[str, ColumnProfile] = {}
    records = 0
    for batch in batches:
        records += batch.records
        for name, values in batch.columns.items():
            if name not in profiles:
                profiles[name] = ColumnProfile(None if against is None else against.domain_of(name))
            profiles[name].add(values)
    return profiles, records
