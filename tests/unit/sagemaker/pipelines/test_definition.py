"""What a definition may say: read, judged, refused."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.validation.members import RequestModels
from sagehen.services.sagemaker.pipelines.definition import caching, retrying
from sagehen.services.sagemaker.pipelines.definition.conditions import NotComparable, holds
from sagehen.services.sagemaker.pipelines.definition.document import Definition, parse
from sagehen.services.sagemaker.pipelines.definition.expressions import function_of
from sagehen.services.sagemaker.pipelines.definition.parameters import values_of
from sagehen.services.sagemaker.pipelines.definition.retrying import RetryPolicy, policy_for

WRITE: dict[str, Any] = {
    "Name": "Write",
    "Type": "Processing",
    "Arguments": {},
    "PropertyFiles": [{"PropertyFileName": "F", "OutputName": "o", "FilePath": "f.json"}],
}
FILE = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Write.PropertyFiles.F"}, "Path": "a.b"}}
CALL: dict[str, Any] = {
    "Name": "Call",
    "Type": "Lambda",
    "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
    "OutputParameters": [{"OutputName": "n", "OutputType": "Integer"}],
}


def step(kind: str = "Training", name: str = "S", **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "Arguments": {}, **more}


def get(text: str) -> dict[str, Any]:
    return step(Arguments={"x": {"Get": text}})


def read(*steps: Any, **more: Any) -> Definition:
    return parse(json.dumps({"Version": "2020-12-01", "Steps": steps, **more}))


def test_branches_stand_behind_their_condition_and_wait_for_it() -> None:
    equal = {"Type": "Equals", "LeftValue": FILE, "RightValue": 1}
    arguments = {"Conditions": [equal], "IfSteps": [step()], "ElseSteps": [step("Fail", "No")]}
    made = read(WRITE, step("Condition", "If", Arguments=arguments), step(name="After", DependsOn=["S"]))
    assert list(made.steps) == ["Write", "If", "S", "No", "After"]
    assert made.steps["If"].needs == {"Write"}
    assert (made.steps["S"].branch, made.steps["No"].branch) == (("If", True), ("If", False))
    assert made.steps["After"].needs == {"S"}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([], "at least one step"),
        ([step(name="a b")], "Invalid step name"),
        ([step(name="x" * 65)], "Invalid step name"),
        ([step("Nothing")], "Invalid type"),
        ([step(), step()], "Duplicate step name"),
        ([step(DependsOn=["T"])], "depends on step 'T'"),
        ([step(DependsOn="T")], "Invalid DependsOn"),
        ([step(DependsOn=["S"])], "cyclic: S"),
        ([step(DependsOn=["T"]), step(name="T", DependsOn=["S"])], "cyclic: S, T"),
        ([step(Extra=1)], "Unknown member 'Extra'"),
        ([step("Condition", Arguments={"Extra": 1, "Conditions": []})], "Unknown Argument member 'Extra'"),
        ([step("Condition")], "Invalid Conditions"),
        ([step("Condition", Arguments={"Conditions": [{"Type": "Like"}]})], "Invalid condition type 'Like'"),
        ([step("Condition", Arguments={"Conditions": [{"Type": "Equals"}]})], "Invalid condition"),
        ([step("QualityCheck")], "Invalid CheckType 'None'"),
        ([step("ClarifyCheck", CheckType="DATA_QUALITY")], "Invalid CheckType 'DATA_QUALITY'"),
        (
            [step("ClarifyCheck", CheckType="DATA_BIAS", SuppliedBaselineStatistics="s3://b/s")],
            "SuppliedBaselineSt",
        ),
        ([step("QualityCheck", CheckType="DATA_QUALITY", SkipCheck="no")], "Invalid SkipCheck"),
        ([step("QualityCheck", CheckType="DATA_QUALITY", RetryPolicies=[])], "member 'RetryPolicies'"),
        (
            [step("QualityCheck", "Q", CheckType="DATA_QUALITY"), get("Steps.Q.ProcessingJobArn")],
            "has no properties but",
        ),
        ([step("QualityCheck", "Q", CheckType="DATA_QUALITY", SkipCheck={"Get": "Parameters.X"})], "'X'"),
        ([step("Fail", CacheConfig={"Enabled": True})], "Unknown member 'CacheConfig'"),
        ([step(CacheConfig={"Enabled": True, "ExpireAfter": "soon"})], "no ISO 8601 duration"),
        ([step(CacheConfig={"Enabled": True})], "no ISO 8601 duration"),
        ([step(RetryPolicies=[{"ExceptionType": ["Any"]}])], "Invalid ExceptionType"),
        (
            [step(RetryPolicies=[{"ExceptionType": "Step.THROTTLING", "MaxAttempts": 21}])],
            "Invalid MaxAttempts",
        ),
        ([get("Parameters.X")], "Parameter 'X'"),
        ([get("Execution.Weather")], "Invalid property reference"),
        ([get("Steps.T")], "Invalid property reference"),
        ([get("Steps.T.A")], "depends on step 'T'"),
        ([get("Steps['T].A")], "Invalid property reference"),
        ([get("Steps.F.A"), step("Fail", "F")], "has no properties"),
        ([step(Arguments={"x": {"Std:Join": {"On": "/"}}})], "Invalid arguments of function 'Std:Join'"),
        ([step(Arguments={"x": {"Std:JsonGet": {"Path": "a"}}})], "either a PropertyFile or an S3Uri"),
        ([WRITE, get("Steps.Write.PropertyFiles.G")], "Property file 'G'"),
        ([CALL, get("Steps.Call.OutputParameters['m']")], "no output parameter 'm'"),
        ([CALL, get("Steps.Call.Arn")], "no properties but its OutputParameters"),
        ([{**CALL, "FunctionArn": "f"}], "Invalid FunctionArn"),
    ],
)
def test_what_is_refused(steps: list[Any], words: str) -> None:
    with pytest.raises(ValidationException, match=words) as refused:
        read(*steps)
    assert refused.value.message.startswith("Unable to parse pipeline definition. ")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Steps": 1}', "[" * 500, '{"Steps": [1]}', "NaN"])
def test_what_is_no_definition_is_refused(text: str) -> None:
    with pytest.raises(ValidationException, match="Unable to parse pipeline definition"):
        parse(text)


@pytest.mark.parametrize("check", ["MODEL_BIAS", "MODEL_EXPLAINABILITY"])
def test_checks_that_ask_a_model_are_named(check: str) -> None:
    with pytest.raises(NotImplementedOperation, match=f"ClarifyCheck steps of the CheckType {check}"):
        read(step("ClarifyCheck", CheckType=check))


@pytest.mark.parametrize("kind", ["Callback", "EMR", "AutoML", "NotebookJob"])
def test_types_that_are_not_built_are_named(kind: str) -> None:
    with pytest.raises(NotImplementedOperation, match=kind):
        read(step(kind))


def test_parameters_have_types_defaults_and_values() -> None:
    given = [
        {"Name": "S", "Type": "String", "DefaultValue": "a", "EnumValues": ["a", "b"]},
        {"Name": "I", "Type": "Integer"},
        {"Name": "F", "Type": "Float", "DefaultValue": 1},
        {"Name": "B", "Type": "Boolean", "DefaultValue": True},
    ]
    made = read(step(), Parameters=given).parameters
    values = values_of(made, [{"Name": "I", "Value": "-7"}, {"Name": "B", "Value": "False"}])
    assert values == {"S": "a", "I": -7, "F": 1, "B": False}
    for name, value in (("I", "1.5"), ("F", "inf"), ("B", "yes"), ("S", "c"), ("X", "1")):
        with pytest.raises(ValidationException):
            values_of(made, [{"Name": "I", "Value": "1"}, {"Name": name, "Value": value}])
    with pytest.raises(ValidationException, match="'I'"):
        values_of(made, [])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("PT1H", 3600), ("P30D", 2_592_000), ("30d", 2_592_000), ("T16m", 960), ("5y", 157_680_000)),
        *(("30dT5h", 2_610_000), ("P1W", 604_800), ("pt90s", 90)),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert caching.parse("S", {"Enabled": True, "ExpireAfter": text}) == seconds
    assert caching.parse("S", {"Enabled": False, "ExpireAfter": text}) is None


def test_a_key_is_of_the_documented_attributes() -> None:
    base = {"AppSpecification": {"ImageUri": "i"}, "RoleArn": "r", "Tags": []}
    key = caching.key("Processing", base)
    assert caching.key("Processing", {**base, "RoleArn": "other"}) == key
    assert caching.key("Processing", {**base, "Environment": {"A": "1"}}) != key
    assert caching.key("Transform", base) != caching.key("Transform", {**base, "RoleArn": "other"})
    assert caching.key("Training", base) != key


def test_when_a_step_begins_anew() -> None:
    policy = RetryPolicy(("Step.THROTTLING",), interval_s=2, rate=3, attempts=2)
    assert [policy.again_at(retries, 0, 100) for retries in range(3)] == [102, 106, None]
    expires = RetryPolicy(("Step.THROTTLING",), interval_s=60, rate=1, attempts=20, expire_s=120)
    assert (expires.again_at(5, 0, 60), expires.again_at(5, 0, 61)) == (120, None)
    (own,) = retrying.parse("S", [{"ExceptionType": ["Step.THROTTLING"], "ExpireAfterMin": 5}])
    assert (own.attempts, own.expire_s) == (20, 300)
    assert policy_for((own,), "Step.THROTTLING") is own
    assert policy_for((own,), "Step.SERVICE_FAULT") is retrying.DEFAULT
    assert policy_for((own,), "SageMaker.CAPACITY_ERROR") is None


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Type": "Equals", "LeftValue": 1, "RightValue": 1.0}, True),
        ({"Type": "Equals", "LeftValue": "a", "RightValue": "b"}, False),
        ({"Type": "NotEquals", "LeftValue": "a", "RightValue": "b"}, True),
        ({"Type": "GreaterThan", "LeftValue": 2, "RightValue": 1.5}, True),
        ({"Type": "LessThanOrEqualTo", "LeftValue": 6.0, "RightValue": 6}, True),
        ({"Type": "LessThan", "LeftValue": "a", "RightValue": "b"}, True),
        ({"Type": "In", "QueryValue": "a", "Values": ["a", 1]}, True),
        ({"Type": "In", "QueryValue": True, "Values": [1]}, False),
        ({"Type": "NotIn", "Value": 3, "In": [1, 2]}, True),
        ({"Type": "Not", "Condition": {"Type": "Equals", "LeftValue": 1, "RightValue": 1}}, False),
        (
            {
                "Type": "Or",
                "Conditions": [
                    {"Type": "Equals", "LeftValue": 1, "RightValue": 2},
                    {"Type": "In", "QueryValue": 1, "Values": [1]},
                ],
            },
            True,
        ),
    ],
)
def test_conditions(condition: Any, expected: bool) -> None:
    assert holds(condition) is expected


def test_values_of_different_kinds_do_not_compare() -> None:
    for left, right in ((1, "1"), (True, 1), ({}, {}), (None, None)):
        with pytest.raises(NotComparable):
            holds({"Type": "Equals", "LeftValue": left, "RightValue": right})


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"RoleArn": {"Get": "Parameters.Role"}, "Tags": [{"Key": "a", "Value": "b"}]}, None),
        ({"RoleArns": "x"}, ("RoleArns",)),
        ({"ResourceConfig": {"InstanceCount": 1, "Colour": "red"}}, ("Colour",)),
        ({"HyperParameters": {"Any": "x"}, "Environment": {"Any": "x"}}, None),
        ({"InputDataConfig": [{"ChannelName": "a"}, {"Channel": "b"}]}, ("Channel",)),
        ({"InputDataConfig": [{"CompressionType": "Zip"}]}, ("CompressionType", "Zip", "None", "Gzip")),
    ],
)
def test_arguments_that_no_request_could_have(arguments: Any, fault: Any) -> None:
    models = RequestModels(Catalog(["sagemaker"]))
    found = models.fault(
        "sagemaker", "CreateTrainingJob", arguments, lambda value: function_of(value) == "Get"
    )
    assert found == fault


def test_hostile_values_are_refused_as_others() -> None:
    """In place of any part of a definition: whatever JSON has, nothing ends but in a refusal."""
    equal = {"Type": "Equals", "LeftValue": FILE, "RightValue": 1}
    choice = step("Condition", "If", Arguments={"Conditions": [equal], "IfSteps": [step()], "ElseSteps": []})
    policy = {"ExceptionType": ["Step.THROTTLING"], "MaxAttempts": 1}
    cached = step(name="T", CacheConfig={"Enabled": True, "ExpireAfter": "30d"}, RetryPolicies=[policy])
    parameter = {"Name": "P", "Type": "String", "DefaultValue": "x", "EnumValues": ["x"]}
    joined = step(name="J", Arguments={"a": {"Std:Join": {"On": "/", "Values": [{"Get": "Parameters.P"}]}}})
    whole: Any = {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [parameter],
        "PipelineExperimentConfig": {"ExperimentName": {"Get": "Execution.PipelineName"}},
        "Steps": [WRITE, choice, cached, CALL, joined],
    }
    parse(json.dumps(whole))
    for path in list(_paths(whole)):
        for value in (None, 0, -1.5, True, "", "x" * 300, [], [[]], {}, {"Get": []}, [{"a": 1}], {"a": [1]}):
            changed = json.loads(json.dumps(whole))
            _put(changed, path, value)
            with contextlib.suppress(ValidationException):
                parse(json.dumps(changed))


def _paths(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from _paths(value, (*path, key))


def _put(node: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
