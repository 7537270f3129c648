"""SageMaker's own algorithms for tables: what is refused, what each finds, how it is answered."""

from __future__ import annotations

import io
import json
import re
import socket
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sagehen.modelserver.hooks.errors import BadInput, UnsupportedAccept, UnsupportedContentType
from sagehen.modelserver.hooks.tabular_defaults import CannotEvaluate, TabularDefaults
from sagehen.trainingtoolkit.algorithms.tabular import examples, gathering, models, recordio, training
from sagehen.trainingtoolkit.algorithms.tabular.algorithm import Data
from sagehen.trainingtoolkit.algorithms.tabular.examples import Examples, UnreadableExamples
from sagehen.trainingtoolkit.algorithms.tabular.linear_learner import metrics, thresholds
from sagehen.trainingtoolkit.environment import TrainingEnvironment
from sagehen.trainingtoolkit.failure import ToolkitError

# Asked for without an import: every worker collects every file, and this takes 1.5 s.
pytestmark = pytest.mark.skipif(find_spec("sklearn") is None, reason="no scikit-learn")

RANDOM = np.random.default_rng(3)
# Three groups of rows, far from one another.
ROWS = np.vstack([RANDOM.normal(10 * group, 1, (40, 4)) for group in range(3)]).astype(np.float32)
GROUPS = np.repeat([0.0, 1.0, 2.0], 40)
THREE = Examples(ROWS, GROUPS)
TWO = Examples(ROWS[:80], GROUPS[:80])


def environment(base: Path, hyperparameters: dict[str, Any], **changes: Any) -> TrainingEnvironment:
    values: dict[str, Any] = {
        "base": base,
        "hyperparameters": hyperparameters,
        "framework_parameters": {},
        "resource_config": {"current_host": "algo-1", "hosts": ["algo-1"]},
        "input_data_config": {"train": {"ContentType": "text/csv;label_size=0"}},
        "num_cpus": 1,
        "num_gpus": 0,
    }
    return TrainingEnvironment(**{**values, **changes})


def channel(base: Path, name: str, rows: Any, labels: Any = None) -> None:
    folder = base / "input" / "data" / name
    folder.mkdir(parents=True)
    table = rows if labels is None else np.column_stack([labels, rows])
    np.savetxt(folder / "part-0.csv", table, delimiter=",")


@pytest.mark.parametrize(
    ("algorithm", "values", "words"),
    [
        (
            "kmeans",
            {"mini_batch_size": 5},
            "No value(s) were specified for 'k', 'feature_dim' which are required",
        ),
        ("kmeans", {"k": 3, "feature_dim": 4, "depth": 1}, "not allowed ('depth' was unexpected)"),
        ("kmeans", {"k": 1, "feature_dim": 4}, "Hyperparameter k: '1' is not in [2, inf)"),
        ("kmeans", {"k": "many", "feature_dim": 4}, "'many' is not an integer"),
        ("kmeans", {"k": 3, "feature_dim": 4, "eval_metrics": "msd"}, "must be valid json"),
        ("kmeans", {"k": 3, "feature_dim": 4, "init_method": "best"}, "is not one of ['random', 'kmeans++']"),
        ("kmeans", {"k": 400, "feature_dim": 4}, "k is 400, and there are 120 examples"),
        ("kmeans", {"k": 3, "feature_dim": 5}, "4 features, and feature_dim is 5"),
        ("pca", {"feature_dim": 4, "num_components": 2}, "specified for 'mini_batch_size'"),
        ("randomcutforest", {"feature_dim": 4, "num_trees": 10}, "'10' is not in [50, 1000]"),
        ("linear-learner", {"predictor_type": "multiclass_classifier"}, "specified for 'num_classes'"),
        (
            "linear-learner",
            {"predictor_type": "regressor", "loss": "logistic"},
            "is not one of a regressor's",
        ),
        ("linear-learner", {"predictor_type": "regressor", "quantile": 1}, "is not in (0, 1)"),
        ("linear-learner", {"predictor_type": "binary_classifier"}, "whole numbers from 0 to 1"),
        (
            "knn",
            {"feature_dim": 3, "k": 9, "predictor_type": "classifier", "sample_size": 8},
            "the sample has 8",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, algorithm: str, values: dict[str, Any], words: str
) -> None:
    channel(tmp_path, "train", ROWS)
    given = {
        "train": {
            "ContentType": "text/csv" if algorithm in ("linear-learner", "knn") else "text/csv;label_size=0"
        }
    }
    with pytest.raises(ToolkitError, match=re.escape(words)):
        training.run(environment(tmp_path, values, input_data_config=given), algorithm)


def test_a_job_reads_its_channels_and_prints_the_metrics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    channel(tmp_path, "train", ROWS, GROUPS)
    channel(tmp_path, "test", ROWS[::7], GROUPS[::7])
    config = {"train": {"ContentType": "text/csv"}, "test": {"ContentType": "text/csv;label_size=1"}}
    values = {"predictor_type": "multiclass_classifier", "num_classes": 4, "optimizer": "adam"}
    training.run(environment(tmp_path, values, input_data_config=config), "linear-learner")
    printed = capsys.readouterr().out
    assert "computed by scikit-learn's" in printed and "Without effect on it: optimizer." in printed
    assert "#quality_metric: host=algo-1, test multiclass_accuracy <score>=1\n" in printed
    assert models.load(tmp_path / "model")[0] == "linear-learner"


def test_data_that_are_something_else_are_refused_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "input" / "data" / "train"
    folder.mkdir(parents=True)
    (folder / "rows.csv").write_text("1,2\n3,x\n")
    for content_type, words in (
        ("text/csv", "Unable to read data channel 'train'.*rows.csv: a row is not of numbers"),
        (None, "rows.csv: there is no record at byte 0|rows.csv: it ends in the middle"),
        ("application/x-parquet", "is not an accepted ContentType"),
        ("text/csv;label_size=2", "label_size is 0 or 1"),
    ):
        config = {"train": {"ContentType": content_type}}
        with pytest.raises(ToolkitError, match=words):
            training.run(
                environment(tmp_path, {"k": 2, "feature_dim": 2}, input_data_config=config), "kmeans"
            )
    with pytest.raises(ToolkitError, match="Missing required channel: train"):
        training.run(environment(tmp_path, {"k": 2, "feature_dim": 2}, input_data_config={}), "kmeans")


def test_records_of_the_sdk_are_read_and_its_reader_takes_ours() -> None:
    common = pytest.importorskip("sagemaker.serializer_utils")
    scipy_sparse = pytest.importorskip("scipy.sparse")
    written = io.BytesIO()
    common.write_numpy_to_dense_tensor(written, ROWS, GROUPS.astype(np.float32))
    found = examples.of_recordio(written.getvalue())
    assert (found.features == ROWS).all() and (found.labels == GROUPS).all()
    thin = scipy_sparse.csr_matrix(ROWS * (ROWS > 9))
    written = io.BytesIO()
    common.write_spmatrix_to_sparse_tensor(written, thin, GROUPS.astype(np.float32))
    assert (examples.of_recordio(written.getvalue()).dense == thin.toarray()).all()
    ours = recordio.encoded([{"score": [0.5], "predicted_label": [1.0]}, {"projection": [1.0, 2.0]}])
    first, second = common.read_records(io.BytesIO(ours))
    assert list(first.label["score"].float32_tensor.values) == [0.5]
    assert list(second.label["projection"].float32_tensor.values) == [1.0, 2.0]


@pytest.mark.parametrize(
    "content", [b"\x0a", b"\x0a#\xd7\xce\xff\xff\xff\x1f", b"\x0a#\xd7\xce\x02\0\0\0\xff\xff\0\0"]
)
def test_bytes_that_are_no_records_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableExamples):
        examples.of_recordio(content)


def test_kmeans_finds_the_groups() -> None:
    algorithm, data = models.algorithm("kmeans"), Data(THREE, test=THREE)
    model = algorithm.train(data, {"k": 3}, 1)
    clusters = np.array([row["closest_cluster"] for row in algorithm.predict(model, THREE, False)])
    assert [len(set(clusters[group == GROUPS])) for group in range(3)] == [1, 1, 1]
    assert len(set(clusters)) == 3
    [(train, msd), (_, ssd)] = [*algorithm.metrics(model, Data(THREE), {"eval_metrics": ["msd", "ssd"]})]
    assert train == "train" and ssd[2] == pytest.approx(msd[2] * len(THREE))
    assert 2 < msd[2] < 6  # four columns of variance 1


def test_pca_keeps_the_most_of_it_in_the_last_component() -> None:
    algorithm = models.algorithm("pca")
    for mode in ("regular", "randomized"):
        model = algorithm.train(Data(THREE), {"num_components": 2, "algorithm_mode": mode}, 1)
        rows = np.array([row["projection"] for row in algorithm.predict(model, THREE, False)])
        assert rows.shape == (120, 2) and rows[:, 1].var() > 50 * rows[:, 0].var()
        assert model["s"][1] > model["s"][0]


@pytest.mark.parametrize(
    ("manner", "least"),
    [
        ({}, 0.95),
        ({"index_metric": "COSINE"}, 0.6),  # two of the groups lie in one direction
        ({"dimension_reduction_type": "sign", "dimension_reduction_target": 3}, 0.7),
        ({"dimension_reduction_type": "fjlt", "dimension_reduction_target": 3}, 0.7),
    ],
)
def test_knn_answers_with_most_of_its_neighbours(manner: dict[str, Any], least: float) -> None:
    algorithm = models.algorithm("knn")
    around = Examples(ROWS + np.array([40, 0, 0, 0], np.float32) * (GROUPS == 0)[:, None], GROUPS)
    values = {"k": 5, "sample_size": 100, "predictor_type": "classifier", **manner}
    model = algorithm.train(Data(around), values, 1)
    [(_, (name, _, accuracy))] = algorithm.metrics(model, Data(around, test=around), values)
    assert name == "accuracy"
    assert accuracy > least
    [answer] = algorithm.predict(model, Examples(around.features[:1]), True)
    assert len(answer["distances"]) == len(answer["labels"]) == 5
    assert answer["distances"] == sorted(answer["distances"])


def test_a_forest_scores_the_odd_one_out_highest() -> None:
    algorithm = models.algorithm("randomcutforest")
    odd = Examples(np.vstack([ROWS[:40], [[60, -60, 60, -60]]]), np.array([0.0] * 40 + [1.0]))
    model = algorithm.train(Data(odd), {"num_trees": 50}, 1)
    scores = [row["score"] for row in algorithm.predict(model, odd, False)]
    assert scores.index(max(scores)) == 40
    found = {name: value for _, (name, _, value) in algorithm.metrics(model, Data(odd, test=odd), {})}
    assert (found["recall"], found["accuracy"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    "values",
    [
        {"predictor_type": "regressor"},
        {"predictor_type": "regressor", "normalize_data": False, "normalize_label": False},
        {"predictor_type": "regressor", "l1": 0.001},
        {"predictor_type": "regressor", "loss": "absolute_loss"},
        {"predictor_type": "regressor", "loss": "huber_loss"},
        {"predictor_type": "regressor", "loss": "quantile_loss", "quantile": 0.5},
    ],
)
def test_a_line_is_found_by_every_loss(values: dict[str, Any]) -> None:
    algorithm = models.algorithm("linear-learner")
    line = Examples(ROWS, 3 * ROWS[:, 0] - 2 * ROWS[:, 1] + 7)
    model = algorithm.train(Data(line, line), values, 1)
    found = {name: value for where, (name, _, value) in algorithm.metrics(model, Data(line, line), values)}
    assert found["r2"] > 0.97
    assert set(found) <= set(metrics.NAMES)


def test_two_classes_are_told_apart_with_and_without_margins() -> None:
    algorithm = models.algorithm("linear-learner")
    for loss in ("logistic", "hinge_loss"):
        values = {
            "predictor_type": "binary_classifier",
            "loss": loss,
            "positive_example_weight_mult": "balanced",
        }
        model = algorithm.train(Data(TWO, TWO), values, 1)
        found = [row["predicted_label"] for row in algorithm.predict(model, TWO, False)]
        assert found == TWO.labels.tolist()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("criteria", "says_one"),
    [
        # scores 0.9 0.8 0.7 0.6 0.2 have the labels 1 1 0 1 0
        ({}, 2),
        ({"binary_classifier_model_selection_criteria": "f1"}, 4),
        ({"binary_classifier_model_selection_criteria": "f_beta", "f_beta": 0.3}, 2),
        (
            {
                "binary_classifier_model_selection_criteria": "precision_at_target_recall",
                "target_recall": 0.9,
            },
            4,
        ),
        (
            {
                "binary_classifier_model_selection_criteria": "recall_at_target_precision",
                "target_precision": 0.9,
            },
            2,
        ),
        ({"binary_classifier_model_selection_criteria": "loss_function"}, 4),
    ],
)
def test_the_threshold_is_what_the_job_wants(criteria: dict[str, Any], says_one: int) -> None:
    scores, labels = np.array([0.2, 0.9, 0.6, 0.8, 0.7]), np.array([0.0, 1, 1, 1, 0])
    if not criteria:  # accuracy: 4 of 5 after two and after four; the nearer to the middle is taken
        says_one = 4
    assert (scores >= thresholds.threshold(scores, labels, 0.5, criteria)).sum() == says_one


def test_answers_have_aws_s_forms(tmp_path: Path) -> None:
    values = {"k": 3, "sample_size": 120, "predictor_type": "classifier"}
    models.save(tmp_path, "knn", models.algorithm("knn").train(Data(THREE), values, 1))
    hooks = TabularDefaults()
    model = hooks.load_model(tmp_path)
    bodies = {
        "text/csv": "10,10,10,10\n0,0,0,0",
        "application/json": json.dumps(
            {"instances": [{"features": [10] * 4}, {"data": {"features": {"values": [0] * 4}}}]}
        ),
        "application/jsonlines": '{"features": [10, 10, 10, 10]}\n{"features": [0, 0, 0, 0]}\n',
    }
    wanted = [{"predicted_label": 1.0}, {"predicted_label": 0.0}]
    for content_type, body in bodies.items():
        answer = hooks.predict(hooks.decode(body, content_type), model)
        assert json.loads(hooks.encode(answer, "application/json")[0]) == {"predictions": wanted}
    lines, kind = hooks.encode(answer, "application/jsonlines; verbose=true")
    assert kind == "application/jsonlines"
    assert set(json.loads(lines.splitlines()[0])) == {"predicted_label", "distances", "labels"}
    assert hooks.encode(answer, "application/x-recordio-protobuf")[0][:4] == b"\x0a#\xd7\xce"
    with pytest.raises(UnsupportedAccept):
        hooks.encode(answer, "image/png")
    with pytest.raises(UnsupportedContentType):
        hooks.decode(b"", "image/png")
    with pytest.raises(BadInput, match="unable to evaluate payload provided"):
        hooks.decode('{"instances": [{"features": [1, [2]]}]}', "application/json")
    with pytest.raises(CannotEvaluate, match="3 features are given where the model has 4"):
        hooks.predict(hooks.decode("1,2,3", "text/csv"), model)


@pytest.mark.parametrize(
    "content",
    [
        '{"instances": [{"features": {"keys": [9], "values": [1], "shape": [4]}}]}',
        '{"instances": [{"features": {"keys": [1], "values": [1], "shape": [99999999999]}}]}',
        '{"instances": []}',
        "[]",
        "{",
    ],
)
def test_json_that_is_no_example_is_refused(content: str) -> None:
    with pytest.raises(UnreadableExamples):
        examples.of_json(content.encode())


def test_shards_of_all_hosts_are_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        monkeypatch.setattr(gathering, "_PORT", free.getsockname()[1])
    hosts, config = ["127.0.0.1", "algo-2"], {"train": {"S3DistributionType": "ShardedByS3Key"}}
    found: dict[str, Any] = {}

    def host(name: str, part: Examples) -> None:
        resources = {"current_host": name, "hosts": hosts}
        of = environment(tmp_path, {}, resource_config=resources, input_data_config=config)
        found[name] = gathering.gathered(of, {"train": part, "test": None}, ["train"])

    halves = (Examples(ROWS[:50], GROUPS[:50]), Examples(ROWS[50:], GROUPS[50:]))
    threads = [
        threading.Thread(target=host, args=pair)
        for pair in zip(reversed(hosts), reversed(halves), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found["algo-2"] is None
    assert (found["127.0.0.1"]["train"].features == ROWS).all()
    assert (found["127.0.0.1"]["train"].labels == GROUPS).all() and found["127.0.0.1"]["test"] is None
