"""Experiments, trials and components through boto3 alone: what is in what, what goes first, what is found."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory

from .conftest import refused

# Of sandboxes it asks nothing that endpoints and jobs do not.
pytestmark = pytest.mark.once

WHEN = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)


class Tried:
    """An experiment with a trial and a component in it.

    Attributes:
        experiment, trial, component: Their names, as requests have them.
    """

    def __init__(self, sagemaker: Any) -> None:
        self.sagemaker, self.unique = sagemaker, uuid.uuid4().hex[:8]
        self.experiment = {"ExperimentName": f"Owls-{self.unique}"}
        self.trial = {"TrialName": f"first-{self.unique}"}
        self.component = {"TrialComponentName": f"fit-{self.unique}"}

    def make(self) -> None:
        sagemaker, experiment, trial = self.sagemaker, self.experiment, self.trial
        missing = refused(sagemaker.create_trial, "ResourceNotFound", **trial, **experiment)
        assert experiment["ExperimentName"] in missing
        tags = [{"Key": "team", "Value": self.unique}]
        arn = sagemaker.create_experiment(**experiment, Description="who hoots", Tags=tags)["ExperimentArn"]
        assert arn.endswith(f":experiment/owls-{self.unique}")
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == tags
        assert "already exists" in refused(sagemaker.create_experiment, "ValidationException", **experiment)
        sagemaker.create_trial(**trial, **experiment)
        sagemaker.create_trial_component(
            **self.component,
            Status={"PrimaryStatus": "InProgress"},
            StartTime=WHEN,
            Parameters={"lr": {"NumberValue": 0.1}, "opt": {"StringValue": "sgd"}},
            InputArtifacts={"data": {"Value": "s3://owls/data", "MediaType": "text/csv"}},
        )
        for _ in range(2):
            sagemaker.associate_trial_component(**trial, **self.component)

    def is_kept(self) -> None:
        """What a component's update changes is changed, and nothing else."""
        sagemaker, component = self.sagemaker, self.component
        sagemaker.update_trial_component(
            **component,
            Status={"PrimaryStatus": "Completed"},
            EndTime=WHEN,
            Parameters={"lr": {"NumberValue": 0.2}},
            ParametersToRemove=["opt"],
            OutputArtifacts={"model": {"Value": "s3://owls/model"}},
        )
        told = sagemaker.describe_trial_component(**component)
        assert told["Parameters"] == {"lr": {"NumberValue": 0.2}}
        assert (told["StartTime"], told["EndTime"]) == (WHEN, WHEN)
        assert told["Status"] == {"PrimaryStatus": "Completed"}
        assert told["InputArtifacts"]["data"]["MediaType"] == "text/csv"
        assert told["OutputArtifacts"] == {"model": {"Value": "s3://owls/model"}}

    def is_found(self) -> None:
        """By what each is in, and by what was measured or written on it."""
        sagemaker, experiment, trial = self.sagemaker, self.experiment, self.trial
        assert sagemaker.describe_trial(**trial)["ExperimentName"] == experiment["ExperimentName"]
        assert sagemaker.describe_experiment(**experiment)["DisplayName"] == experiment["ExperimentName"]
        for of in (experiment, trial):
            [listed] = sagemaker.list_trial_components(**of)["TrialComponentSummaries"]
            assert listed["TrialComponentName"] == self.component["TrialComponentName"]
        for of in (experiment, self.component):
            assert [each["TrialName"] for each in sagemaker.list_trials(**of)["TrialSummaries"]] == [
                trial["TrialName"]
            ]
        filters = [
            {"Name": "Parents.ExperimentName", "Value": experiment["ExperimentName"]},
            {"Name": "Parameters.lr", "Operator": "GreaterThan", "Value": "0.15"},
        ]
        [found] = sagemaker.search(
            Resource="ExperimentTrialComponent", SearchExpression={"Filters": filters}, SortBy="Parameters.lr"
        )["Results"]
        assert found["TrialComponent"]["Parents"] == [{**trial, **experiment}]
        by_tag = {"Filters": [{"Name": "Tags.team", "Value": self.unique}]}
        assert len(sagemaker.search(Resource="Experiment", SearchExpression=by_tag)["Results"]) == 1

    def is_taken_apart(self) -> None:
        """From within: what still has something in it stays."""
        sagemaker, experiment, trial, component = self.sagemaker, self.experiment, self.trial, self.component
        for delete, what in (
            (sagemaker.delete_experiment, experiment),
            (sagemaker.delete_trial, trial),
            (sagemaker.delete_trial_component, component),
        ):
            assert "still has" in refused(delete, "ValidationException", **what)
        sagemaker.disassociate_trial_component(**trial, **component)
        refused(sagemaker.disassociate_trial_component, "ResourceNotFound", **trial, **component)
        sagemaker.delete_trial_component(**component)
        sagemaker.delete_trial(**trial)
        sagemaker.delete_experiment(**experiment)
        refused(sagemaker.describe_experiment, "ResourceNotFound", **experiment)


def test_what_was_tried_is_kept_found_and_taken_apart_again(sagemaker: Any) -> None:
    tried = Tried(sagemaker)
    tried.make()
    tried.is_kept()
    tried.is_found()
    sagemaker.update_experiment(**tried.experiment, DisplayName="Owls", Description="who hooted")
    assert sagemaker.describe_experiment(**tried.experiment)["Description"] == "who hooted"
    tried.is_taken_apart()


def test_metrics_of_a_component_come_to_their_statistics(client: ClientFactory, sagemaker: Any) -> None:
    name, metrics = f"Measured-{uuid.uuid4().hex[:8]}", client("sagemaker-metrics")
    sagemaker.create_trial_component(TrialComponentName=name)

    def put(*values: float, metric: str = "loss") -> dict[str, Any]:
        points = [
            {"MetricName": metric, "Timestamp": WHEN, "Step": step, "Value": value}
            for step, value in enumerate(values)
        ]
        return metrics.batch_put_metrics(TrialComponentName=name.lower(), MetricData=points)

    for _ in range(2):  # the same points once
        assert "Errors" not in put(4.0, 2.0, 3.0)
    assert put(1.0, float("nan"), metric="acc")["Errors"] == [{"Code": "VALIDATION_ERROR", "MetricIndex": 1}]
    told = sagemaker.describe_trial_component(TrialComponentName=name)
    by_name = {summary["MetricName"]: summary for summary in told["Metrics"]}
    assert by_name["acc"]["Last"] == 1.0 and by_name["acc"]["Count"] == 1
    loss = by_name["loss"]
    assert (loss["Min"], loss["Max"], loss["Last"], loss["Count"], loss["TimeStamp"]) == (2, 4, 3, 3, WHEN)
    assert loss["Avg"] == pytest.approx(3) and loss["StdDev"] == pytest.approx((2 / 3) ** 0.5)
    filters = [
        {"Name": "TrialComponentName", "Value": name},
        {"Name": "Metrics.loss.Min", "Operator": "LessThan", "Value": "2.5"},
    ]
    found = sagemaker.search(Resource="ExperimentTrialComponent", SearchExpression={"Filters": filters})
    assert len(found["Results"]) == 1
    sagemaker.delete_trial_component(TrialComponentName=name)
    with pytest.raises(ClientError, match="does not exist"):
        put(1.0)


def test_pages_go_through_all(sagemaker: Any) -> None:
    unique = uuid.uuid4().hex[:8]
    names = [f"page-{unique}-{number}" for number in range(3)]
    for name in names:
        sagemaker.create_trial_component(TrialComponentName=name)
    pages = sagemaker.get_paginator("list_trial_components").paginate(
        SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    seen = [each["TrialComponentName"] for page in pages for each in page["TrialComponentSummaries"]]
    assert [name for name in seen if unique in name] == names
    both = refused(sagemaker.list_trial_components, "ValidationException", TrialName="a", ExperimentName="b")
    assert "Only one of" in both
    refused(sagemaker.list_trials, "ResourceNotFound", ExperimentName="absent")
