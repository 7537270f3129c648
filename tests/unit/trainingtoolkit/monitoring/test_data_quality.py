"""Statistics, constraints and violations of data: values by hand."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sagehen.trainingtoolkit.monitoring.data_quality import distances, sketch
from sagehen.trainingtoolkit.monitoring.data_quality.analysis import analyze
from sagehen.trainingtoolkit.monitoring.reading.batch import Batch
from sagehen.trainingtoolkit.monitoring.refusals import Refused
from sagehen.trainingtoolkit.monitoring.reports import Reports

np = pytest.importorskip("numpy")
BASE = {"n": ["1", "2", "3", "4"], "f": ["-1.5", "2", ".5", "1e1"], "t": ["a", "b", "b", None]}


def reports(
    columns: Mapping[str, Sequence[str | None]], against: Any = None, statistics: Any = None
) -> Reports:
    records = len(next(iter(columns.values())))
    return analyze([Batch(records, columns)], "LInfinity", against, statistics)


def baseline(columns: Mapping[str, Sequence[str | None]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a baseline's constraints and statistics, as their files bring them."""
    found = reports(columns)
    constraints, statistics = json.dumps(found.constraints), json.dumps(found.statistics)
    return json.loads(constraints), json.loads(statistics)


def test_statistics() -> None:
    told = reports(BASE).statistics
    assert told["dataset"] == {"item_count": 4}
    n, f, t = told["features"]
    assert (n["inferred_type"], f["inferred_type"], t["inferred_type"]) == (
        "Integral",
        "Fractional",
        "String",
    )
    numbers = n["numerical_statistics"]
    assert numbers["common"] == {"num_present": 4, "num_missing": 0}
    assert [numbers[name] for name in ("mean", "sum", "min", "max")] == [2.5, 10.0, 1.0, 4.0]
    assert numbers["std_dev"] == pytest.approx(1.25**0.5)
    kll = numbers["distribution"]["kll"]
    assert [one["count"] for one in kll["buckets"]] == [1, 0, 0, 1, 0, 0, 1, 0, 0, 1]
    assert (kll["buckets"][0]["lower_bound"], kll["buckets"][-1]["upper_bound"]) == (1.0, 4.0)
    assert kll["sketch"] == {"parameters": {"c": 0.64, "k": 2048.0}, "data": [[1.0, 2.0, 3.0, 4.0]]}
    assert t["string_statistics"] == {
        "common": {"num_present": 3, "num_missing": 1},
        "distinct_count": 2.0,
        "distribution": {
            "categorical": {"buckets": [{"value": "b", "count": 2}, {"value": "a", "count": 1}]}
        },
    }


def test_constraints() -> None:
    n, f, t = reports(BASE).constraints["features"]
    assert n == {
        "name": "n", "inferred_type": "Integral", "completeness": 1.0,
        "num_constraints": {"is_non_negative": True},
    }  # fmt: skip
    assert f["num_constraints"] == {"is_non_negative": False}
    assert (t["completeness"], t["string_constraints"]) == (0.75, {"domains": ["a", "b"]})


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "-2", "+3", " 4 "], "Integral"),
        (["1", "2.", "-.5", "1e-3"], "Fractional"),
        (["1", "x"], "String"),
        (["nan", "1"], "String"),
        (["1e999"], "String"),
        (["1_000"], "String"),
        (["true"], "String"),
        ([None], "Unknown"),
    ],
)
def test_types(values: list[str | None], kind: str) -> None:
    assert reports({"x": values}).constraints["features"][0]["inferred_type"] == kind


def test_many_values_have_no_histogram_and_no_domain() -> None:
    found = reports({"x": [f"v{number}" for number in range(121)]})
    assert "distribution" not in found.statistics["features"][0]["string_statistics"]
    assert found.statistics["features"][0]["string_statistics"]["distinct_count"] == 121
    assert "string_constraints" not in found.constraints["features"][0]


def test_a_dataset_violates_nothing_of_its_own_baseline() -> None:
    found = reports(BASE, *baseline(BASE))
    assert found.violations == []
    assert found.message == "Completed: Job completed successfully with no violations."


DRIFTED = {"n": [str(number) for number in range(100)]}


@pytest.mark.parametrize(
    ("base", "columns", "found"),
    [
        (BASE, {name: BASE[name] for name in ("n", "f")},
         [("Missing columns", "missing_column_check", "dataset: 2, ")]),
        (BASE, {**BASE, "z": ["1"] * 4}, [("Extra columns", "extra_column_check", "dataset: 4, ")]),
        ({"n": ["1", "2"]}, {"n": ["1", "2.5"]},
         [("n", "data_type_check", "Expected match: 100.0%. Observed: Only 50.0% of data is Integral.")]),
        ({"f": ["1.5", "2"]}, {"f": ["1", "2"]}, []),
        ({"f": ["1.5"] * 2}, {"f": ["1.5", "x"]},
         [("f", "data_type_check", "Only 50.0% of data is Fractional.")]),
        ({"n": ["1"] * 4}, {"n": ["1", "1", "1", None]}, [("n", "completeness_check", "Only 75.0%")]),
        ({"t": ["a", "b"]}, {"t": ["a", "c"]}, [("t", "categorical_values_check", "Only 50.0%")]),
        (DRIFTED, {"n": [str(number + 90) for number in range(100)]},
         [("n", "baseline_drift_check", "exceeds threshold: 0.1")]),
        (DRIFTED, {"n": [str(number + 20) for number in range(100)]}, []),
        ({"t": ["a"] * 100 + ["b"] * 100}, {"t": ["a"] * 180 + ["b"] * 20},
         [("t", "baseline_drift_check", "distance: 0.22 exceeds threshold: 0.1")]),
    ],
)  # fmt: skip
def test_violations(base: Any, columns: Any, found: list[tuple[str, str, str]]) -> None:
    violations = reports(columns, *baseline(base)).violations
    assert violations is not None
    assert [(one["feature_name"], one["constraint_check_type"]) for one in violations] == [
        (name, kind) for name, kind, _ in found
    ]
    for one, (_, _, text) in zip(violations, found, strict=True):
        assert text in one["description"]


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({}, 1),
        ({"evaluate_constraints": "Disabled"}, 0),
        ({"datatype_check_threshold": 0.5}, 0),
        ({"datatype_check_threshold": 0.6}, 1),
    ],
)
@pytest.mark.parametrize("place", ["whole", "monitoring_config_overrides", "monitoringConfigOverrides"])
def test_what_is_checked_is_the_baseline_s_choice(place: str, change: dict[str, Any], count: int) -> None:
    constraints, _ = baseline({"n": ["1", "2"]})
    if place == "whole":
        constraints["monitoring_config"] |= change
    else:
        constraints["features"][0][place] = change
    assert len(reports({"n": ["1", "x"]}, constraints).violations or ()) == count


@pytest.mark.parametrize(
    ("change", "count"),
    [
        ({"perform_comparison": "Disabled"}, 0),
        ({"comparison_method": "Simple"}, 1),
        ({"comparison_method": "Robust"}, 0),
        ({"comparison_method": "Simple", "comparison_threshold": 0.25}, 0),
    ],
)
def test_distances_are_compared_as_the_baseline_says(change: dict[str, Any], count: int) -> None:
    constraints, statistics = baseline(DRIFTED)
    constraints["monitoring_config"]["distribution_constraints"] |= change
    moved = {"n": [str(number + 20) for number in range(100)]}
    assert len(reports(moved, constraints, statistics).violations or ()) == count


@pytest.mark.parametrize(
    "constraints",
    [
        {},
        {"features": [{"name": "n"}]},
        {"features": [{"name": "n", "inferred_type": "Complex"}]},
        {"features": [], "monitoring_config": {"evaluate_constraints": "Perhaps"}},
        {"features": [], "monitoring_config": {"datatype_check_threshold": "1"}},
        {
            "features": [],
            "monitoring_config": {"distribution_constraints": {"categorical_drift_method": "ChiSquared"}},
        },
    ],
)
def test_a_baseline_that_is_none_is_refused(constraints: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        reports({"n": ["1"]}, constraints)


def test_an_empty_dataset_and_an_unknown_method_are_refused() -> None:
    with pytest.raises(Refused, match="no records"):
        analyze([], "LInfinity", None, None)
    with pytest.raises(Refused, match="ChiSquared"):
        analyze([Batch(1, {"n": ["1"]})], "ChiSquared", None, None)


@pytest.mark.parametrize("count", [10, 2048, 2049, 10_000])
def test_a_sketch_weighs_as_much_as_its_numbers_and_keeps_their_ranks(count: int) -> None:
    numbers = [random.Random(count).gauss(0, 1) for _ in range(count)]
    levels = sketch.levels_of(np.asarray(numbers))
    assert sum(len(level) << height for height, level in enumerate(levels)) == count
    assert sum(map(len, levels)) < 3 * sketch.K
    assert distances.numerical(levels, [numbers], robust=False) < (0.005 if count > sketch.K else 1e-9)


def test_distances_by_hand() -> None:
    # The shares up to 1, 2, 3: 1/3, 2/3, 1 against 0, 1/2, 1/2.
    assert distances.numerical([[1, 2, 3]], [[2.0], [9.0]], robust=False) == pytest.approx(2 / 3)
    assert distances.categorical({"a": 1, "b": 3}, {"a": 1, "c": 1}, robust=False) == 0.75
    assert distances.categorical({"a": 100}, {"b": 100}, robust=True) == pytest.approx(1 - 1.8 * 0.02**0.5)
