"""The lines of `sagehen cost`."""

from __future__ import annotations

from typing import Any

from sagehen.cli.cost import Cost, of_job, table

JOB: dict[str, Any] = {
    "TrainingJobName": "train",
    "TrainingJobStatus": "Completed",
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2},
    "BillableTimeInSeconds": 1800,
}


def test_a_job_costs_its_billable_seconds_on_each_instance() -> None:
    cost = of_job(JOB)
    assert (cost.type, cost.usd_per_hour, cost.hours, cost.usd) == ("2 x ml.m5.xlarge", 0.0, 0.5, 0.2304)
    goes_on = of_job({**JOB, "TrainingJobStatus": "InProgress", "BillableTimeInSeconds": 0})
    assert (goes_on.usd_per_hour, goes_on.usd) == (0.4608, 0)


def test_groups_of_instances_are_added_up_and_unknown_prices_are_not_made_up() -> None:
    groups = [
        {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "InstanceGroupName": "a"},
        {"InstanceType": "ml.t3.medium", "InstanceCount": 2, "InstanceGroupName": "b"},
    ]
    job = {**JOB, "ResourceConfig": {"InstanceGroups": groups}, "TrainingJobStatus": "InProgress"}
    assert of_job(job).usd_per_hour == 0.2304 + 2 * 0.05
    groups[0]["InstanceType"] = "ml.z9.huge"
    assert (of_job(job).usd_per_hour, of_job(job).usd) == (None, None)


def test_a_table_with_its_sum() -> None:
    lines = table(
        [
            Cost("machine", "i-1", "t3.micro", "running", 0.0104, 1.5, 0.0156),
            Cost("notebook", "nb", "ml.t3.medium", "InService", None, None, None),
        ]
    )
    assert [line.split() for line in lines] == [
        ["WHAT", "NAME", "TYPE", "STATE", "USD/H", "HOURS", "USD"],
        ["machine", "i-1", "t3.micro", "running", "0.0104", "1.50", "0.0156"],
        ["notebook", "nb", "ml.t3.medium", "InService", "?"],
        ["all", "0.0104", "0.0156"],
    ]
