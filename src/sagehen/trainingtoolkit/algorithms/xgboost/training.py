"""Training: tables in, `xgboost-model` out; a line a round, as AWS's container prints it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.algorithms.xgboost import channels, hyperparameters
from sagehen.trainingtoolkit.algorithms.xgboost.tables import Table
from sagehen.trainingtoolkit.environment import TrainingEnvironment
from sagehen.trainingtoolkit.failure import ToolkitError

MODEL_FILE = "xgboost-model"


def run(environment: TrainingEnvironment) -> None:
    """Train, and write the model.

    Raises:
        ToolkitError: The job's settings or data cannot be used.
    """
    import xgboost

    if len(environment.hosts) > 1:
        raise ToolkitError("XGBoost as a built-in algorithm is not implemented on several instances")
    boosting = hyperparameters.read(environment.hyperparameters)
    data = {name: _table(environment, name, boosting.csv_weights) for name in ("train", "validation")}
    train, validation = data["train"], data["validation"]
    if train is None:
        raise ToolkitError("Missing required channel: train")
    width = max(table.features.shape[1] for table in (train, validation) if table is not None)
    matrices = [(_matrix(train, width), "train")]
    if validation is not None:
        matrices.append((_matrix(validation, width), "validation"))
    parameters: dict[str, Any] = {"objective": "reg:squarederror", "nthread": environment.num_cpus}
    parameters |= boosting.parameters
    if boosting.metrics:
        parameters["eval_metric"] = list(boosting.metrics)
    if boosting.unused:
        print(
            f"Not used: {', '.join(boosting.unused)}; newer versions of XGBoost have them no more", flush=True
        )
    target = environment.model_dir / MODEL_FILE
    print(f"Train matrix has {matrices[0][0].num_row()} rows and {width} columns", flush=True)
    booster = xgboost.train(
        parameters,
        matrices[0][0],
        num_boost_round=boosting.rounds,
        evals=matrices,
        early_stopping_rounds=boosting.early_stopping_rounds,
        verbose_eval=False,
        callbacks=[_rounds(xgboost, target if boosting.keeps_saving else None)],
    )
    can_cut = hasattr(booster, "best_iteration") and hasattr(booster, "__getitem__")  # since 1.3
    if boosting.early_stopping_rounds is not None and can_cut:
        booster = booster[: booster.best_iteration + 1]  # as AWS's container stores the best model
    _save(booster, target)


def _table(environment: TrainingEnvironment, name: str, csv_weights: bool) -> Table | None:
    config = environment.input_data_config.get(name)
    if config is None:
        return None
    folder = Path(environment.path_of(f"/opt/ml/input/data/{name}"))
    is_pipe = config.get("TrainingInputMode") == "Pipe"
    return channels.table_of(folder, config.get("ContentType"), csv_weights=csv_weights, is_pipe=is_pipe)


def _matrix(table: Table, width: int) -> Any:
    import xgboost
    from scipy.sparse import issparse

    features = table.features
    if issparse(features):  # a channel whose last columns are all empty is narrower
        features.resize((features.shape[0], width))
    return xgboost.DMatrix(features, label=table.labels, weight=table.weights)


def _rounds(xgboost: Any, target: Path | None) -> Any:
    """Return what prints each round, and keeps the model where a job may be stopped."""

    def told(epoch: int, found: Iterable[tuple[str, float]], model: Any) -> None:
        # The tabulator is written out in AWS's logs, and its metrics' expressions look for that.
        print(f"[{epoch}]{''.join(f'#011{name}:{value:.5f}' for name, value in found)}", flush=True)
        if target is not None:
            _save(model, target)

    if not hasattr(xgboost.callback, "TrainingCallback"):  # before 1.3 it is a function

        def after_round(state: Any) -> None:
            told(state.iteration, state.evaluation_result_list, state.model)

        return after_round

    class Rounds(xgboost.callback.TrainingCallback):  # type: ignore[misc]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            names = (
                (f"{data}-{metric}", metrics[metric])
                for data, metrics in evals_log.items()
                for metric in metrics
            )
            told(epoch, ((name, float(values[-1])) for name, values in names), model)
            return False

    return Rounds()


def _save(booster: Any, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name without a suffix, which is the contract's
        booster.save_model(str(partial))
    partial.replace(target)
