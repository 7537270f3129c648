"""Metrics that algorithms declare."""

from __future__ import annotations

import re

import pytest

from sagehen.services.sagemaker.images.algorithm_metrics import metric_definitions

XGBOOST = {"TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"}


def test_an_algorithm_declares_metrics_that_its_log_holds() -> None:
    found = {entry["Name"]: entry["Regex"] for entry in metric_definitions(XGBOOST, {"num_round": "1"})}
    line = "[3]#011train-rmse:0.51000#011validation-rmse:1.5e-05"
    assert re.search(found["train:rmse"], line)[1] == "0.51000"  # type: ignore[index]
    assert re.search(found["validation:rmse"], line)[1] == "1.5e-05"  # type: ignore[index]
    assert not re.search(found["validation:mae"], line)


@pytest.mark.parametrize(
    ("algorithm", "line", "name", "value"),
    [
        ("kmeans:1", "#quality_metric: host=algo-1, train msd <loss>=4.65", "train:msd", "4.65"),
        (
            "linear-learner:1",
            "#quality_metric: host=algo-2, validation binary_classification_accuracy <score>=0.5",
            "validation:binary_classification_accuracy",
            "0.5",
        ),
    ],
)
def test_algorithms_for_tables_have_lines_of_one_form(
    algorithm: str, line: str, name: str, value: str
) -> None:
    found = {entry["Name"]: entry["Regex"] for entry in metric_definitions({"TrainingImage": algorithm}, {})}
    assert [other for other, regex in found.items() if re.search(regex, line)] == [name]
    assert re.search(found[name], line)[1] == value  # type: ignore[index]
    assert not metric_definitions({"TrainingImage": "pca:1"}, {})


def test_scripts_and_other_images_declare_their_own() -> None:
    own = [{"Name": "loss", "Regex": "loss=(.*)"}]
    assert metric_definitions(XGBOOST | {"MetricDefinitions": own}, {}) == own
    assert not metric_definitions(XGBOOST, {"sagemaker_program": "train.py"})
    assert not metric_definitions({"TrainingImage": "pytorch-training:2.6.0"}, {})
