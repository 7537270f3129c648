"""HCL reads back as what was meant, whatever users call their things."""

from __future__ import annotations

from typing import Any

import hcl2
import pytest

from sagehen.export.graph.exported import exported
from sagehen.export.graph.linking import linked
from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named
from sagehen.export.writing.terraform.expressions import escaped
from sagehen.export.writing.terraform.kinds import KINDS, OF_FUNCTIONS
from sagehen.export.writing.terraform.parts import parts
from sagehen.export.writing.terraform.resources import arguments
from sagehen.export.writing.terraform.written import commands, remarks, terraform
from sagehen.services.cloudformation.types.resource_type import resource_types
from tests.unit.export.scene import ACCOUNT, FUNCTION, HOSTILE, REGION, scene, whole


def read(text: str) -> dict[tuple[str, str], Any]:
    """Return the resources of a file by type and name."""
    return {
        (kind.strip('"'), name.strip('"')): body
        for block in hcl2.loads(text)["resource"]
        for kind, named in block.items()
        for name, body in named.items()
    }


def test_a_file_of_the_scene() -> None:
    text = terraform(whole(ENDPOINT="classifier"))["main.tf"].decode()
    found = read(text)
    model = found["aws_sagemaker_model", "classifier_model"]
    assert "aws_iam_role.ask_role.arn" in str(model["execution_role_arn"])
    assert "aws_iam_role_policy.ask_role_policy_1" in str(model["depends_on"])
    integration = found["aws_api_gateway_integration", "api_get_method_integration"]
    assert "aws_lambda_function.ask_function.arn" in str(integration["uri"])
    assert "path.module" in str(found["aws_lambda_function", "ask_function"]["filename"])
    assert "123456789012" not in text.partition("terraform {")[2]
    head = text.partition("terraform {")[0]
    assert all(line.startswith("#") or not line for line in head.split("\n"))
    assert any("-target=aws_s3_bucket.dogs_bucket" in line for line in commands(whole()))


def test_texts_of_users_are_data() -> None:
    text = terraform(whole(ODD=HOSTILE))["main.tf"].decode()
    [environment] = read(text)["aws_lambda_function", "ask_function"]["environment"]
    assert len(text.split("\u2028")) == 1
    told = str(environment["variables"])
    assert "$${AWS::Region}" in told and "%%{if x}" in told


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", "plain"),
        ('"\\', '\\"\\\\'),
        ("${a} %{b} $x %", "$${a} %%{b} $x %"),
        ("a\nb\tc\x00", "a\\nb\\tc\\u0000"),
        ("\u2028\U000e0001", "\\u2028\\U000e0001"),
        ("é狗", "é狗"),
    ],
)
def test_what_stands_between_quotes(text: str, written: str) -> None:
    assert escaped(text) == written


def test_a_property_without_an_argument_is_told() -> None:
    node = Node(Key("AWS::Logs::LogGroup", "g"), "g", {"LogGroupName": "g", "DataProtectionPolicy": {}})
    told = exported([node], REGION, ACCOUNT)
    assert remarks(told) == ["aws_cloudwatch_log_group: DataProtectionPolicy"]
    assert f"# Not in it: {remarks(told)[0]}\n" in terraform(told)["main.tf"].decode()


def test_a_version_is_what_its_function_publishes() -> None:
    version = Key("AWS::Lambda::Version", "ask:1")
    nodes = [
        *scene(),
        Node(version, "ask 1", {"FunctionName": Named(FUNCTION, "", "ask")}, part_of=(FUNCTION,)),
        Node(
            Key("AWS::Lambda::Alias", "ask:live"),
            "ask live",
            {
                "Name": "live",
                "FunctionName": Named(FUNCTION, "", "ask"),
                "FunctionVersion": Named(version, "Version", "1"),
                "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 2},
            },
        ),
    ]
    text = terraform(exported(linked(nodes, REGION, ACCOUNT), REGION, ACCOUNT))["main.tf"].decode()
    found = read(text)
    assert found["aws_lambda_function", "ask_function"]["publish"] is True
    alias = found["aws_lambda_alias", "ask_live_alias"]
    assert "aws_lambda_function.ask_function.version" in str(alias["function_version"])
    assert found["aws_lambda_provisioned_concurrency_config", "ask_live_alias_provisioned"]


def test_every_type_has_a_table_and_every_part_is_in_it() -> None:
    assert {*KINDS, OF_FUNCTIONS} <= set(resource_types())
    assert set(KINDS.values()) <= set(arguments())
    assert {part.resource for node in scene() for part in parts(node)} <= set(arguments())
