"""What a script is told of instance groups, and which of them torchrun's part is for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.trainingtoolkit import torchrun
from sagehen.trainingtoolkit.inside.sagemaker_training.environment import Environment

from .test_trainingtoolkit import environment_of

GROUPS = [
    {"instance_group_name": "data", "instance_type": "ml.c5.xlarge", "hosts": ["algo-1"]},
    {"instance_group_name": "train", "instance_type": "ml.m5.large", "hosts": ["algo-2", "algo-3"]},
]
LAUNCHED = {"sagemaker_torch_distributed_enabled": True}
NAMED = LAUNCHED | {"sagemaker_distribution_instance_groups": ["train"]}


def _of(host: str, group: str, parameters: dict[str, Any]) -> Any:
    resources = {
        "current_host": host, "current_group_name": group, "current_instance_type": "ml.m5.large",
        "hosts": ["algo-1", "algo-2", "algo-3"], "instance_groups": GROUPS,
    }  # fmt: skip
    return environment_of(resource_config=resources, framework_parameters=parameters)


def test_the_groups_are_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = _of("algo-3", "train", NAMED).variables()
    told = {name: json.loads(variables[f"SM_{name}"]) for name in (
        "IS_HETERO", "INSTANCE_GROUPS", "CURRENT_INSTANCE_GROUP_HOSTS", "DISTRIBUTION_INSTANCE_GROUPS",
        "INSTANCE_GROUPS_DICT",
    )}  # fmt: skip
    assert told == {
        "IS_HETERO": True,
        "INSTANCE_GROUPS": ["data", "train"],
        "CURRENT_INSTANCE_GROUP_HOSTS": ["algo-2", "algo-3"],
        "DISTRIBUTION_INSTANCE_GROUPS": ["train"],
        "INSTANCE_GROUPS_DICT": {group["instance_group_name"]: group for group in GROUPS},
    }
    assert variables["SM_CURRENT_INSTANCE_GROUP"] == "train"
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    seen = Environment()
    assert (seen.is_hetero, seen.distribution_hosts) == (True, ["algo-2", "algo-3"])
    assert (seen.master_hostname, seen.is_master) == ("algo-2", False)


@pytest.mark.parametrize(
    ("host", "group", "parameters", "hosts"),
    [
        ("algo-3", "train", NAMED, ["algo-2", "algo-3"]),
        ("algo-1", "data", NAMED, None),
        ("algo-1", "data", LAUNCHED, ["algo-1"]),
        ("algo-2", "train", LAUNCHED, ["algo-2", "algo-3"]),
        ("algo-2", "train", {}, None),
        (
            "algo-2",
            "train",
            LAUNCHED | {"sagemaker_distribution_instance_groups": "junk"},
            ["algo-2", "algo-3"],
        ),
    ],
)
def test_torchrun_is_for_the_groups_that_are_distributed_over(
    host: str, group: str, parameters: dict[str, Any], hosts: list[str] | None
) -> None:
    environment = _of(host, group, parameters)
    assert (torchrun.launcher(environment) is None) == (hosts is None)
    if hosts is not None:
        (rank,) = torchrun.ranks(environment)
        assert (rank["MASTER_ADDR"], rank["WORLD_SIZE"]) == (hosts[0], str(len(hosts)))
        assert rank["RANK"] == str(hosts.index(host))


@pytest.mark.parametrize("given", [{"resource_config": {"hosts": ["a"]}}, {"hyperparameters": {}}])
def test_the_stand_in_takes_no_facts_that_it_would_drop(
    given: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SM_HOSTS", '["algo-1"]')
    assert Environment(resource_config=None)["hosts"] == ["algo-1"]
    with pytest.raises(NotImplementedError):
        Environment(**given)
