"""XGBoost as a built-in algorithm: what is refused, and what its tables hold. Training needs the library."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.trainingtoolkit.algorithms.xgboost import channels, hyperparameters, tables, training
from sagehen.trainingtoolkit.algorithms.xgboost.tables import UnreadableTable
from sagehen.trainingtoolkit.failure import ToolkitError


def test_hyperparameters_become_the_library_s() -> None:
    stopping = {"early_stopping_rounds": 5, "save_model_on_termination": True}
    names = {"objective": "reg:linear", "eval_metric": "rmse, mae", "predictor": "auto"}
    values = {"num_round": 50, "max_depth": "3", "eta": "0.2", "csv_weights": 1}
    found = hyperparameters.read(values | names | stopping)
    assert (found.rounds, found.early_stopping_rounds) == (50, 5)
    assert found.parameters == {"max_depth": 3, "eta": 0.2, "objective": "reg:squarederror"}
    assert found.unused == ("predictor",)
    other = hyperparameters.read({"num_round": 1, "learning_rate": 0.1, "reg_alpha": 2})
    assert other.parameters == {"eta": 0.1, "alpha": 2.0}
    assert (found.metrics, found.csv_weights, found.keeps_saving) == (("rmse", "mae"), True, True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Missing required hyperparameter: num_round"),
        ({"foo": 1}, "Extraneous hyperparameter found: foo"),
        ({"max_depth": "deep"}, r"Hyperparameter max_depth: could not parse value \(caused by ValueError\)"),
        ({"max_depth": -1}, r"Hyperparameter max_depth: -1 is not in \[0, \+inf\)"),
        ({"subsample": 0}, r"Hyperparameter subsample: 0.0 is not in \(0, 1\]"),
        ({"tweedie_variance_power": 2}, r"tweedie_variance_power: 2.0 is not in \(1, 2\)"),
        ({"gamma": "inf"}, r"Hyperparameter gamma: inf is not in \[0, \+inf\)"),
        ({"eta": "nan"}, "Hyperparameter eta: nan is not in"),
        ({"booster": "gbforest"}, "Hyperparameter booster: gbforest is not in"),
        ({"objective": "multi:softmax"}, "Require input for parameter 'num_class'"),
        ({"_kfold": 3}, "_kfold is not implemented"),
    ],
)
def test_hyperparameters_are_refused(values: dict[str, Any], words: str) -> None:
    given = values if not values else {"num_round": 1, **values}
    with pytest.raises(ToolkitError, match=words):
        hyperparameters.read(given)


def test_csv_has_its_label_first_and_holes_are_missing() -> None:
    table = tables.of_csv("1,2,3\n0,,5\n", labelled=True)
    assert table.labels.tolist() == [1, 0]
    assert table.features[0].tolist() == [2, 3] and table.features[1][1] == 5
    assert table.features[1][0] != table.features[1][0]  # nan
    weighted = tables.of_csv("1,0.5,3", labelled=True, weighted=True)
    assert (weighted.weights.tolist(), weighted.features.tolist()) == ([0.5], [[3]])
    assert tables.of_csv("4,5", labelled=False).features.tolist() == [[4, 5]]


@pytest.mark.parametrize(
    "text", ["label,a\n1,2", "1,2\n3", "1\n2", "0 1:2", "1,2\n0,red", '"1","2"', "1,2\n\n,x # 3"]
)
def test_what_is_no_csv(text: str) -> None:
    with pytest.raises(UnreadableTable):
        tables.of_csv(text, labelled=True)


def test_libsvm_keeps_its_indices_and_weights() -> None:
    table = tables.of_libsvm(["1:0.5 0:2 3:4  # why", "", "0 1:1"], labelled=True, width=6)
    assert table.features.toarray().tolist() == [[2, 0, 0, 4, 0, 0], [0, 1, 0, 0, 0, 0]]
    assert (table.labels.tolist(), table.weights.tolist()) == ([1, 0], [0.5, 1])
    assert tables.of_libsvm(["qid:7 0:1 1:2"], labelled=False).features.toarray().tolist() == [[1, 2]]
    for line in ("1 a:2", "1 qid:7 0:1", "1 0:b", "1 -1:2", "1 99999999999:1", "x 0:1"):
        with pytest.raises(UnreadableTable):
            tables.of_libsvm([line], labelled=True)


def test_a_channel_is_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.csv").write_text("1,2\n")
    (tmp_path / "b" / "c.csv").write_text("3,4\n")
    (tmp_path / "_SUCCESS").write_text("no data")
    table = channels.table_of(tmp_path, "text/csv; label_size=1", csv_weights=False)
    assert (table.labels.tolist(), table.features.tolist()) == ([1, 3], [[2], [4]])
    with pytest.raises(ToolkitError, match="is not an accepted ContentType"):
        channels.table_of(tmp_path, "image/png", csv_weights=False)
    (tmp_path / "d.csv").write_text("1,2,3\n")
    with pytest.raises(ToolkitError, match="differ in their number of columns"):
        channels.table_of(tmp_path, "csv", csv_weights=False)


def test_a_pipe_of_csv_is_read_and_no_other_kind(tmp_path: Path) -> None:
    (tmp_path / "train_0").write_text("1,2\n0,3\n")
    table = channels.table_of(tmp_path / "train", "text/csv", csv_weights=False, is_pipe=True)
    assert table.features.tolist() == [[2], [3]]
    with pytest.raises(ToolkitError, match="Pipe mode is not supported for libsvm"):
        channels.table_of(tmp_path / "train", None, csv_weights=False, is_pipe=True)


@pytest.mark.parametrize("is_old", [True, False])
def test_each_round_is_a_line_whichever_callbacks_the_library_has(
    is_old: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Before 1.3 they were functions, since then they are classes."""
    callback = SimpleNamespace() if is_old else SimpleNamespace(TrainingCallback=object)
    saved: list[str] = []
    model = SimpleNamespace(save_model=lambda path: (saved.append(path), Path(path).touch()))
    rounds = training._rounds(SimpleNamespace(callback=callback), tmp_path / "xgboost-model")
    if is_old:
        found = [("train-rmse", 0.5), ("validation-rmse", 1e-7)]
        rounds(SimpleNamespace(iteration=3, evaluation_result_list=found, model=model))
    else:
        log = {"train": {"rmse": [0.7, 0.5]}, "validation": {"rmse": [1, 1e-7]}}
        assert rounds.after_iteration(model, 3, log) is False
    assert capsys.readouterr().out == "[3]#011train-rmse:0.50000#011validation-rmse:0.00000\n"
    assert (tmp_path / "xgboost-model").is_file() and len(saved) == 1
