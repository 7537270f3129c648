"""What CreateHyperParameterTuningJob refuses, and with which words."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.sagemaker.tuning.acceptance import check, check_definition
from sagehen.services.sagemaker.tuning.definition.definition import definitions_of

from .parts import REGEX, X, categories, config, definition, integers, limits, ranges, request

HYPERBAND = {"Strategy": "Hyperband"}
LOSS = {"Type": "Minimize", "MetricName": "loss"}
ALGORITHM = definition()["AlgorithmSpecification"]


def settings(**changes: Any) -> dict[str, Any]:
    return {"HyperParameterTuningJobConfig": config(**changes)}


def searching(**kinds: Any) -> dict[str, Any]:
    return settings(ParameterRanges=ranges(**kinds))


def only(**changes: Any) -> dict[str, Any]:
    return {"TrainingJobDefinition": definition(**changes)}


def several(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "TrainingJobDefinition": None,
        "TrainingJobDefinitions": list(entries),
        **settings(ParameterRanges=None, HyperParameterTuningJobObjective=None, **changes),
    }


def named(name: str | None, **changes: Any) -> dict[str, Any]:
    objective = {"Type": "Maximize", "MetricName": "score"}
    return definition(DefinitionName=name, TuningObjective=objective, HyperParameterRanges=X) | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (settings(HyperParameterTuningJobObjective=LOSS), "A metric is required for this hyperparameter"
                                                          " tuning job"),
        (only(AlgorithmSpecification=ALGORITHM | {"MetricDefinitions": REGEX * 21}), "exceeds the limit of"
                                                                                     " 20"),
        (only(AlgorithmSpecification=ALGORITHM | {"TrainingImage": "mine:1"}), "mine:1"),
        ({"TrainingJobDefinition": None}, "Exactly one of TrainingJobDefinition and TrainingJobDefinitions"),
        ({"TrainingJobDefinitions": [named("a")]}, "Exactly one of TrainingJobDefinition and"),
        (settings(ParameterRanges=None), "Exactly one of ParameterRanges in"),
        (settings(HyperParameterTuningJobObjective=None), "Exactly one of HyperParameterTuningJobObjective"
                                                          " in"),
        (settings(ParameterRanges={}), "Exactly one of ParameterRanges in"),
        (searching(), "At least one hyperparameter range"),
        (searching(integer=[integers(f"i{n}", 0, 9) for n in range(31)]), "exceeds the limit of 30"),
        (searching(integer=[integers("x", 0, 9)], continuous=[integers("x", 0, 1)]), "in more than one"),
        (searching(integer=[integers("epochs", 1, 9)]), "epochs is specified both in Static"),
        (searching(integer=[integers("_tuning_objective_metric", 1, 9)]), "is reserved"),
        (searching(integer=[integers("x", 5, 5)]), "MinValue must be less than MaxValue"),
        (searching(continuous=[integers("x", 2, 1)]), "MinValue must be less than MaxValue"),
        (searching(integer=[integers("x", "1.5", 3)]), "not an integer"),
        (searching(integer=[integers("x", 0, 2**60)]), "is beyond"),
        (searching(continuous=[integers("x", "nan", 1)]), "not a number: 'nan'"),
        (searching(continuous=[integers("x", 0, "1e999")]), "not a number: '1e999'"),
        (searching(continuous=[integers("x", 0, "٣")]), "not a number"),
        (searching(continuous=[integers("x", 0, 1, ScalingType="Logarithmic")]), "values greater than 0"),
        (searching(continuous=[integers("x", 0, 1, ScalingType="ReverseLogarithmic")]), "0<=x<1.0"),
        (searching(integer=[integers("x", 0, 9, ScalingType="ReverseLogarithmic")]), "for continuous"),
        (searching(categorical=[categories("x", "a", "a")]), "must be unique"),
        (searching(categorical=[categories("x", "a", "b")]), r"ranges \[2.0\] must be equal or greater than"),
        (settings(ResourceLimits=limits(None)), "MaxNumberOfTrainingJobs must be specified"),
        (settings(ResourceLimits=limits(751)), "tuning job' is 750"),
        (settings(ResourceLimits=limits(3, 101)), "tuning job' is 100"),
        (settings(Strategy="Grid"), "categorical hyperparameters only"),
        (
            settings(Strategy="Grid", ParameterRanges=ranges(categorical=[categories("x", "a", "b")])),
            r"\[3\], must be equal to the number of hyperparameter combinations of the Grid strategy, \[2\]",
        ),
        (settings(StrategyConfig={"HyperbandStrategyConfig": {}}), "for the Hyperband strategy only"),
        (settings(**HYPERBAND, TrainingJobEarlyStoppingType="Auto"), "must be Off"),
        (settings(**HYPERBAND) | only(StaticHyperParameters=None), "MaxResource must be specified"),
        (
            settings(**HYPERBAND, StrategyConfig={"HyperbandStrategyConfig": {"MaxResource": 20_001}}),
            "less than or equal to 20000",
        ),
        (
            settings(**HYPERBAND, StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 4}}),
            "MinResource must be less than or equal to MaxResource",
        ),
        (only(ResourceConfig=None), "Exactly one of ResourceConfig and HyperParameterTuningResourceConfig"),
        (
            only(ResourceConfig=None, HyperParameterTuningResourceConfig={"AllocationStrategy":
            "Prioritized"}), "without InstanceConfigs",
        ),
        (several(named(None)), "DefinitionName must be specified"),
        (several(named("a"), named("a")), "DefinitionName must be unique"),
        (several(named("a"), named("b", TuningObjective=LOSS)), "of the same Type"),
        (several(named("a"), TrainingJobEarlyStoppingType="Auto"), "tuning a single algorithm"),
        (several(named("a")) | settings(ParameterRanges=None), "must be specified in each of TrainingJobDef"),
        ({"Autotune": {"Mode": "Enabled"}}, "Autotune is not implemented"),
        (settings(ParameterRanges=X | {"AutoParameters": [{"Name": "y"}]}), "AutoParameters is not"
                                                                            " implemented"),
        (only(VpcConfig={"Subnets": ["subnet-1"]}), "The subnet ID 'subnet-1' does not exist"),
        (only(StaticHyperParameters={"a": "b\0"}), "Invalid HyperParameters"),
        (searching(categorical=[categories("x", "a", "b", "c\0")]), "Invalid CategoricalParameterRanges"),
    ],
)  # fmt: skip
def test_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        check(request(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        settings(ResourceLimits=limits(None, MaxRuntimeInSeconds=120)),
        settings(ResourceLimits=limits(None), TuningJobCompletionCriteria={"TargetObjectiveMetricValue": 0}),
        settings(**HYPERBAND),
        settings(
            Strategy="Grid",
            ParameterRanges=ranges(categorical=[categories("x", "a", "b")]),
            ResourceLimits=limits(2),
        ),
        several(named("a"), named("b")),
        only(
            ResourceConfig=None,
            HyperParameterTuningResourceConfig={
                "InstanceConfigs": [{"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}]
            },
        ),
    ],
)
def test_accepted(changes: dict[str, Any]) -> None:
    assert check(request(**changes))


def test_a_built_in_algorithm_has_metrics_of_its_own() -> None:
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    algorithm = {"TrainingImage": image, "TrainingInputMode": "File"}
    objective = {"Type": "Minimize", "MetricName": "validation:rmse"}
    changes = settings(HyperParameterTuningJobObjective=objective) | only(AlgorithmSpecification=algorithm)
    (made,) = definitions_of(request(**changes))
    assert check_definition(made) is None
    assert "MetricDefinitions" not in made.request["AlgorithmSpecification"]
