"""The algorithm's hyperparameters: their ranges, and the refusals of AWS's container. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.trainingtoolkit.failure import ToolkitError

_INF = math.inf
# Name -> (kind, lowest, highest); "(" before a kind: the lowest is itself outside; ")" after it: the highest.
_NUMBERS: dict[str, tuple[str, float, float]] = {
    "num_round": ("int", 1, _INF),
    "csv_weights": ("int", 0, 1),
    "early_stopping_rounds": ("int", 1, _INF),
    "verbosity": ("int", 0, 3),
    "nthread": ("int", 1, _INF),
    "eta": ("float", 0, 1),
    "gamma": ("float", 0, _INF),
    "max_depth": ("int", 0, _INF),
    "min_child_weight": ("float", 0, _INF),
    "max_delta_step": ("float", 0, _INF),
    "subsample": ("(float", 0, 1),
    "colsample_bytree": ("(float", 0, 1),
    "colsample_bylevel": ("(float", 0, 1),
    "colsample_bynode": ("(float", 0, 1),
    "lambda": ("float", 0, _INF),
    "alpha": ("float", 0, _INF),
    "sketch_eps": ("(float)", 0, 1),
    "scale_pos_weight": ("(float", 0, _INF),
    "refresh_leaf": ("int", 0, 1),
    "max_leaves": ("int", 0, _INF),
    "max_bin": ("int", 0, _INF),
    "rate_drop": ("float", 0, 1),
    "one_drop": ("int", 0, 1),
    "skip_drop": ("float", 0, 1),
    "lambda_bias": ("float", 0, 1),
    "tweedie_variance_power": ("(float)", 1, 2),
    "num_class": ("int", 2, _INF),
    "base_score": ("float", 0, _INF),
    "seed": ("(int)", -(2**31), 2**31 - 1),
    "num_parallel_tree": ("int", 1, _INF),
    "aft_loss_distribution_scale": ("float", 0, _INF),
    "huber_slope": ("(float", 0, _INF),
    "max_cat_to_onehot": ("int", 1, _INF),
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "booster": ("gbtree", "gblinear", "dart"),
    "tree_method": ("auto", "exact", "approx", "hist", "gpu_hist"),
    "dsplit": ("row", "col"),
    "process_type": ("default", "update"),
    "grow_policy": ("depthwise", "lossguide"),
    "predictor": ("auto", "cpu_predictor", "gpu_predictor"),
    "sample_type": ("uniform", "weighted"),
    "normalize_type": ("tree", "forest"),
    "save_model_on_termination": ("true", "false"),
    "single_precision_histogram": ("true", "false"),
    "deterministic_histogram": ("true", "false"),
    "aft_loss_distribution": ("normal", "logistic", "extreme"),
    "sampling_method": ("uniform", "gradient_based"),
    "objective": (
        "binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax",
        "multi:softprob", "rank:pairwise", "rank:ndcg", "rank:map", "reg:linear", "reg:squarederror",
        "reg:logistic", "reg:gamma", "reg:pseudohubererror", "reg:squaredlogerror", "reg:absoluteerror",
        "reg:tweedie", "survival:aft", "survival:cox",
    ),
}  # fmt: skip
_TEXTS = ("updater", "monotone_constraints", "interaction_constraints", "eval_metric")
# Cross-validation and distribution over dask: not built here.
_UNBUILT = ("_kfold", "_num_cv_round", "use_dask_gpu_training")
# Other names of the same, which AWS's container takes.
_ALIASES = {
    "learning_rate": "eta", "min_split_loss": "gamma", "reg_lambda": "lambda", "reg_alpha": "alpha",
}  # fmt: skip
# Gone from newer versions of the library, where they were about how it computes; the log says that they are
# not used.
_FORGOTTEN = ("predictor", "dsplit", "single_precision_histogram", "deterministic_histogram", "sketch_eps")


@dataclass(frozen=True, slots=True)
class Boosting:
    """What one job asks for.

    Args:
        rounds: num_round.
        parameters: Of the library.
        metrics: eval_metric, in its order; the last one decides about early stopping.
        early_stopping_rounds: None is never.
        csv_weights: The second column of CSV files holds weights.
        keeps_saving: The model is written after each round, so that a job that is stopped leaves one.
        unused: What was asked for and newer versions of the library do not have.
    """

    rounds: int
    parameters: Mapping[str, Any]
    metrics: tuple[str, ...] = ()
    early_stopping_rounds: int | None = None
    csv_weights: bool = False
    keeps_saving: bool = False
    unused: tuple[str, ...] = ()


def read(values: Mapping[str, Any]) -> Boosting:
    """Check a job's hyperparameters.

    Args:
        values: Without those of the container.

    Raises:
        ToolkitError: In the words of AWS's container.
    """
    texts = {_ALIASES.get(name, name): _text(value) for name, value in values.items()}
    if "num_round" not in texts:
        raise ToolkitError("Missing required hyperparameter: num_round")
    checked: dict[str, Any] = {}
    for name, text in texts.items():
        if name in _UNBUILT:
            raise ToolkitError(f"Hyperparameter {name} is not implemented here")
        checked[name] = _checked(name, text)
    objective = checked.get("objective")
    if objective in ("multi:softmax", "multi:softprob") and "num_class" not in checked:
        raise ToolkitError("Require input for parameter 'num_class' for multi-classification")
    if objective == "reg:linear":
        checked["objective"] = "reg:squarederror"  # its name before 0.90
    metrics = tuple(part.strip() for part in checked.pop("eval_metric", "").split(",") if part.strip())
    rounds, stopping = checked.pop("num_round"), checked.pop("early_stopping_rounds", None)
    weights, saving = checked.pop("csv_weights", 0), checked.pop("save_model_on_termination", "false")
    unused = tuple(name for name in _FORGOTTEN if name in checked)
    for name in unused:
        del checked[name]
    return Boosting(rounds, checked, metrics, stopping, bool(weights), saving == "true", unused)


def _checked(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text
    if choices := _CHOICES.get(name):
        if text not in choices:
            raise ToolkitError(f"Hyperparameter {name}: {text} is not in {list(choices)}")
        return text
    if name not in _NUMBERS:
        raise ToolkitError(f"Extraneous hyperparameter found: {name}")
    kind, lowest, highest = _NUMBERS[name]
    try:
        value = int(text) if kind.strip("()") == "int" else float(text)
    except ValueError as error:
        raise ToolkitError(
            f"Hyperparameter {name}: could not parse value (caused by {type(error).__name__})"
        ) from None
    left = "(" if kind.startswith("(") else "["
    right = ")" if kind.endswith(")") or highest == _INF else "]"
    is_outside = value in [edge for edge, side in ((lowest, left), (highest, right)) if side in "()"]
    if is_outside or not lowest <= value <= highest:
        bounds = f"{left}{lowest:g}, {'+inf' if highest == _INF else f'{highest:g}'}{right}"
        raise ToolkitError(f"Hyperparameter {name}: {value} is not in {bounds}")
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else str(value)
