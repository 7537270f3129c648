"""Pretraining bias: metrics by hand, columns by smclarify's rules, what is worse than a baseline."""

from __future__ import annotations

import json
from math import log, sqrt
from pathlib import Path
from typing import Any

import pytest

from sagehen.trainingtoolkit.clarify import analysis, config, headers, splitting
from sagehen.trainingtoolkit.clarify.__main__ import run
from sagehen.trainingtoolkit.clarify.metrics import METRICS, NotDefined, Split
from sagehen.trainingtoolkit.monitoring.refusals import Refused

# Of the group 1 of 4 is accepted, of the others 3 of 6.
SENSITIVE = [True] * 4 + [False] * 6
POSITIVE = [True, False, False, False, True, True, True, False, False, False]
GROUPS = ["x", "x", "y", "y", "x", "x", "y", "x", "y", "y"]
CONFIG: dict[str, Any] = {
    "dataset_type": "text/csv", "label": "accepted", "label_values_or_threshold": [1],
    "facet": [{"name_or_index": "sex", "value_or_threshold": ["f"]}],
    "methods": {"pre_training_bias": {"methods": "all"}, "report": {"name": "report", "title": "<Bias>"}},
}  # fmt: skip
AGES = [str(age) for age in range(38, 43)]
ROWS = ["f,1", "f,0", "f,0", "f,0", "m,1", "m,1", "m,1", "m,0", "m,0", "m,0"] * 10


def folder(path: Path, given: dict[str, Any] = CONFIG, rows: list[str] = ROWS) -> Path:
    for name in ("config", "data"):
        (path / name).mkdir(parents=True, exist_ok=True)
    (path / "config" / "analysis_config.json").write_text(json.dumps(given))
    head = [] if "headers" in given else ["sex,accepted"]
    (path / "data" / "rows.csv").write_text("\n".join([*head, *rows]))
    return path


def test_metrics_by_hand() -> None:
    split = Split.of(SENSITIVE, POSITIVE, GROUPS)
    expected = {
        "CI": 0.2,
        "DPL": 0.25,
        "KL": 0.5 * log(2) + 0.5 * log(0.5 / 0.75),
        "JS": (log(0.5 / 0.375) + log(0.5 / 0.625)) / 4
        + (0.25 * log(0.25 / 0.375) + 0.75 * log(0.75 / 0.625)) / 2,
        "LP": sqrt(2 * 0.25**2),
        "TVD": 0.25,
        "KS": 0.25,
        # x: 1 of 2 rejected, 1 of 3 accepted; y: 2 of 4 rejected, 0 of 1 accepted; five records each.
        "CDDL": ((1 / 2 - 1 / 3) + (2 / 4 - 0)) / 2,
    }  # fmt: skip
    assert {name: measure(split) for name, (_, measure) in METRICS.items()} == pytest.approx(expected)


def test_metrics_are_smclarify_s(tmp_path: Path) -> None:
    """Calculated by smclarify 0.5, bias_report, of these rows."""
    rows = [f"{18 + i * 7 % 50},{i * i % 5 % 2},{'abc'[i % 3]}" for i in range(40)]
    facet = {"name_or_index": "g", "value_or_threshold": ["a", "c"]}
    given = {
        "headers": ["age", "y", "g"], "label": "age", "label_values_or_threshold": [30.5],
        "facet": [facet], "group_variable": "y",
    }  # fmt: skip
    run(folder(tmp_path, CONFIG | given, rows), tmp_path / "out", None)
    found = json.loads((tmp_path / "out" / "analysis.json").read_text())["pre_training_bias_metrics"]
    [group] = found["facets"]["g"]
    assert (found["label_value_or_threshold"], group["value_or_threshold"]) == ("(30.5, 67.0]", "a,c")
    assert {one["name"]: one["value"] for one in group["metrics"]} == pytest.approx(
        {
            "CDDL": -0.06162464985994398,
            "CI": -0.35,
            "DPL": -0.04843304843304841,
            "JS": 0.001444939445838074,
            "KL": 0.005885014873435845,
            "KS": 0.048433048433048465,
            "LP": 0.06849467396109007,
            "TVD": 0.04843304843304844,
        }
    )


def test_metrics_that_are_not_defined_say_why() -> None:
    for name, sensitive, says in (
        ("CDDL", SENSITIVE, "Group variable"),
        ("DPL", [False] * 10, "^Facet set is empty"),
        ("DPL", [True] * 10, "Negative facet set is empty"),
        ("CI", [False] * 10, "CI: facet set is empty"),
        ("CI", [True] * 10, "CI: negated facet set is empty"),
        ("KS", [True] * 10, "No instance of common facet"),
    ):
        with pytest.raises(NotDefined, match=says):
            METRICS[name][1](Split.of(sensitive, POSITIVE))


@pytest.mark.parametrize(
    ("column", "values", "continuous"),
    [
        (["f", "m"], ["f"], False),
        (["0", "1"] * 50, [1], False),
        (["0.5", "1"] * 50, [0.7], True),
        (["0.0", "1.0"] * 50, [0.5], True),
        (["nan", "inf"] * 50, [0.5], False),
        (["1_0", "2_5"] * 50, [15], False),
        ([str(age) for age in range(50)], [40], True),
        ([str(age) for age in range(50)], [40, 41], False),
    ],
)
def test_columns_are_numbers_or_categories(column: list[str], values: list[Any], continuous: bool) -> None:
    assert splitting.is_continuous(column, values) is continuous


@pytest.mark.parametrize(
    ("column", "threshold", "count", "interval"),
    [
        (AGES, 40, 2, "(40, 42]"),
        (AGES, 40.5, 2, "(40.5, 42.0]"),
        (AGES, "40", 2, "(40.0, 42.0]"),
        (AGES, 50, 0, "(42, 50]"),
        (AGES, 42, 0, ""),
        (["0.0", "1.0", "1.0"], 0, 2, "(0.0, 1.0]"),
        (["-3.5", "1234567.25"], -2, 1, "(-2.0, 1234567.25]"),
    ],
)
def test_a_threshold_is_exclusive(column: list[str], threshold: Any, count: int, interval: str) -> None:
    """What is told of it is smclarify 0.5's."""
    meant, told = splitting.chosen(column, [threshold], "x")
    assert (sum(meant), told) == (count, interval)


def test_values_are_compared_as_numbers_and_thresholds_must_be_some() -> None:
    assert splitting.chosen(["0.0", "1", "1"] * 40, ["1", "2"], "x")[0][:2] == [False, True]
    for value in (True, "True", "true", 1):
        assert splitting.chosen(["False", "True"], [value], "x")[0] == [False, True]
    for values in ([], ["x"], [10**400]):
        with pytest.raises(Refused, match="Threshold"):
            splitting.chosen(AGES, values, "age")


def test_a_dataset_is_analyzed_and_held_against_a_baseline(tmp_path: Path) -> None:
    given, out = folder(tmp_path / "in"), tmp_path / "out"
    assert run(given, out, None) == []
    found = json.loads((out / "analysis.json").read_text())["pre_training_bias_metrics"]
    assert (found["label"], found["label_value_or_threshold"]) == ("accepted", "1")
    [group] = found["facets"]["sex"]
    assert (group["value_or_threshold"], group["metrics"][1]) == (
        "f",
        {"name": "CI", "description": "Class Imbalance (CI)", "value": 0.2},
    )
    assert group["metrics"][0]["error"] == "Group variable is empty or not provided"
    assert "&lt;Bias&gt;" in (out / "report.html").read_text()
    assert run(given, out, out / "analysis.json") == []
    baseline = (out / "analysis.json").rename(tmp_path / "baseline.json")
    # Twenty women more, none accepted: they are as many as the men, and accepted less often.
    worse = run(folder(tmp_path / "in", rows=[*ROWS, *["f,0"] * 20]), out, baseline)
    assert {one["metric_name"] for one in worse} == {"DPL", "JS", "KL", "KS", "LP", "TVD"}
    assert (worse[0]["facet"], worse[0]["facet_value"], worse[0]["constraint_check_type"]) == (
        *("sex", "f", "bias_drift_check"),
    )


def test_a_threshold_s_group_is_the_same_whatever_the_greatest_number_is(tmp_path: Path) -> None:
    facet = {"name_or_index": "age", "value_or_threshold": [40]}
    given = {"headers": ["age", "accepted"], "facet": [facet]}
    before = [f"{age},{age % 2}" for age in range(20, 60)]
    run(folder(tmp_path, CONFIG | given, before), tmp_path / "out", None)
    baseline = (tmp_path / "out" / "analysis.json").rename(tmp_path / "baseline.json")
    worse = run(folder(tmp_path, CONFIG | given, [*before, *["70,0"] * 9]), tmp_path / "out", baseline)
    assert {(one["facet_value"], one["metric_name"]) for one in worse} >= {("(40, 70]", "DPL")}
    with pytest.raises(Refused, match="no metric of a facet"):
        other = {"facet": [facet | {"value_or_threshold": [41]}]}
        run(folder(tmp_path, CONFIG | given | other, before), tmp_path / "out", baseline)


def test_without_a_value_each_category_is_a_group(tmp_path: Path) -> None:
    given = CONFIG | {"facet": [{"name_or_index": 0}], "headers": ["sex", "accepted"]}
    run(folder(tmp_path, given), tmp_path / "out", None)
    found = json.loads((tmp_path / "out" / "analysis.json").read_text())
    groups = found["pre_training_bias_metrics"]["facets"]["sex"]
    assert [one["value_or_threshold"] for one in groups] == ["f", "m"]


def test_a_column_may_be_told_apart_in_several_ways(tmp_path: Path) -> None:
    facets = [{"name_or_index": "sex", "value_or_threshold": [value]} for value in "mf"]
    run(folder(tmp_path, CONFIG | {"facet": facets}), tmp_path / "out", None)
    found = json.loads((tmp_path / "out" / "analysis.json").read_text())
    groups = found["pre_training_bias_metrics"]["facets"]["sex"]
    assert [one["value_or_threshold"] for one in groups] == ["m", "f"]


@pytest.mark.parametrize(
    ("first", "columns", "names"),
    [
        ("rings,sex", [0, 1], ()),
        ("9.0,f", [0, 1], ("column_0", "column_1")),
        ("0,1", [0, 1], ()),
        ("1_0,nan_", [0, 1], ()),
        ("1,0", [1, 0], ("column_0", "column_1")),
        ("1,0", [1, "0"], ()),
    ],
)
def test_a_table_begins_with_names_or_has_placeholders(first: str, columns: Any, names: Any) -> None:
    assert headers.placeholders(first.split(","), columns) == names


def test_a_table_without_names_is_read_from_its_first_row_on(tmp_path: Path) -> None:
    """As the notebooks on pipelines with checks have it: a label, and encoded columns."""
    facet = {"name_or_index": 1, "value_or_threshold": [0.5]}
    given = CONFIG | {"label": 0, "label_values_or_threshold": [15.0], "facet": [facet]}
    folder(tmp_path, given)
    (tmp_path / "data" / "rows.csv").write_text("9.0,1.0\n16.0,1.0\n17.0,0.0\n8.0,0.0\n7.0,0.0\n")
    run(tmp_path, tmp_path / "out", None)
    found = json.loads((tmp_path / "out" / "analysis.json").read_text())["pre_training_bias_metrics"]
    assert (found["label"], found["label_value_or_threshold"]) == ("column_0", "(15.0, 17.0]")
    [group] = found["facets"]["column_1"]
    assert (group["value_or_threshold"], group["metrics"][1]["value"]) == ("(0.5, 1.0]", 0.2)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"predictor": {}}, "'predictor' in analysis_config.json is not implemented"),
        ({"dataset_type": "application/jsonlines"}, "dataset_type"),
        ({"methods": {"shap": {}}}, "method shap is not implemented"),
        ({"methods": {"pre_training_bias": {"methods": ["XX"]}}}, "needs methods"),
        ({"label": None}, "needs label"),
        ({"facet": []}, "needs facets"),
        ({"facet": [{"name_or_index": "age"}]}, "no column 'age'"),
        ({"headers": ["sex"]}, "columns, and headers names"),
        ({"methods": {"pre_training_bias": {"methods": "all"}, "report": {"name": "../x"}}}, "report's name"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        run(folder(tmp_path, CONFIG | change), tmp_path / "out", None)


def test_a_baseline_of_something_else_is_refused() -> None:
    with pytest.raises(Refused, match="cannot be read"):
        analysis.violations({}, {"features": []})
    with pytest.raises(Refused, match="no JSON object"):
        config.read([])
