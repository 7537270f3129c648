"""The algorithm's hyperparameters."""

from __future__ import annotations

from sagehen.trainingtoolkit.algorithms.tabular.hyperparameters import (
    Hyperparameters,
    either,
    one_of,
    real,
    truth,
    whole,
)

BINARY, MULTICLASS, REGRESSOR = "binary_classifier", "multiclass_classifier", "regressor"
# The losses of each kind of predictor, its default first.
LOSSES = {
    BINARY: ("logistic", "hinge_loss"),
    MULTICLASS: ("softmax_loss",),
    REGRESSOR: (
        "squared_loss", "absolute_loss", "eps_insensitive_squared_loss", "eps_insensitive_absolute_loss",
        "quantile_loss", "huber_loss",
    ),
}  # fmt: skip
CRITERIA = (
    "accuracy", "f1", "f_beta", "precision_at_target_recall", "recall_at_target_precision",
    "cross_entropy_loss", "loss_function",
)  # fmt: skip

HYPERPARAMETERS = Hyperparameters(
    used={
        "predictor_type": one_of(BINARY, MULTICLASS, REGRESSOR),
        "feature_dim": whole(1, auto=True),
        "num_classes": whole(1, 1_000_000),
        "loss": one_of("auto", *(loss for losses in LOSSES.values() for loss in losses)),
        "wd": real(0, auto=True),
        "l1": real(0, auto=True),
        "use_bias": truth,
        "normalize_data": truth,
        "normalize_label": truth,
        "unbias_data": truth,
        "binary_classifier_model_selection_criteria": one_of(*CRITERIA),
        "target_recall": real(0, 1, "()"),
        "target_precision": real(0, 1, "()"),
        "f_beta": real(0, outside="("),
        "positive_example_weight_mult": either(real(0, outside="("), "balanced"),
        "balance_multiclass_weights": truth,
        "quantile": real(0, 1, "()"),
        "loss_insensitivity": real(0, outside="("),
        "huber_delta": real(0),
        "epochs": whole(1),
    },
    unused={
        "mini_batch_size": whole(1),
        "num_models": whole(1, auto=True),
        "num_calibration_samples": whole(1),
        "num_point_for_scaler": whole(1),
        "init_method": one_of("uniform", "normal"),
        "init_scale": real(0, outside="("),
        "init_sigma": real(0, outside="("),
        "init_bias": real(-float("inf")),
        "optimizer": one_of("auto", "sgd", "adam", "rmsprop"),
        "learning_rate": real(0, outside="(", auto=True),
        "momentum": real(0, 1, ")", auto=True),
        "beta_1": real(0, 1, ")", auto=True),
        "beta_2": real(0, 1, ")", auto=True),
        "bias_lr_mult": real(0, outside="(", auto=True),
        "bias_wd_mult": real(0, auto=True),
        "use_lr_scheduler": truth,
        "lr_scheduler_step": whole(1, auto=True),
        "lr_scheduler_factor": real(0, 1, "()", auto=True),
        "lr_scheduler_minimum_lr": real(0, outside="(", auto=True),
        "margin": real(0),
        "unbias_label": truth,
        "early_stopping_patience": whole(1),
        "early_stopping_tolerance": real(0, outside="("),
        "accuracy_top_k": whole(1, 1_000_000),
    },
    required=("predictor_type",),
)
