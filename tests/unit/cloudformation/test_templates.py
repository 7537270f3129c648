"""Templates: read, refused, bound, evaluated, put in order."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sagehen.api.bounded.budget import BudgetSpent, in_budget
from sagehen.services.cloudformation.acceptance import check_capabilities, check_template
from sagehen.services.cloudformation.errors import InsufficientCapabilitiesException, ValidationError
from sagehen.services.cloudformation.templates.conditions import decided
from sagehen.services.cloudformation.templates.context import Context, NotYet, Unresolved
from sagehen.services.cloudformation.templates.functions import evaluate
from sagehen.services.cloudformation.templates.parameters import bound, value_of
from sagehen.services.cloudformation.templates.reading import read
from sagehen.services.cloudformation.templates.references import dependencies
from sagehen.services.cloudformation.templates.template import Template, template_of
from sagehen.services.cloudformation.templates.zones import regions_asked

BUCKET = "Resources: {A: {Type: 'AWS::S3::Bucket'"
PSEUDO = {"AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012"}


def template(text: str) -> Template:
    found = template_of(text, read(text))
    check_template(found)
    return found


def context(**changes: Any) -> Context:
    def reference(name: str) -> str:
        if name == "Later":
            raise NotYet(name)
        return f"id-of-{name}"

    values: dict[str, Any] = {
        "parameters": {"Name": "dogs", "Zones": ["a", "b"]},
        "pseudo": PSEUDO,
        "mappings": {"Sizes": {"prod": {"memory": 512, "list": ["x"]}}},
        "conditions": {"Yes": True, "No": False},
        "reference": reference,
        "attribute": lambda name, attribute: f"{attribute}-of-{name}",
        "resources": frozenset(("Bucket", "Later")),
        "imports": {"shared": "value"}.__getitem__,
        "zones": ["eu-west-1a", "eu-west-1c", "us-west-2b"],
    }
    return Context(**{**values, **changes})


def test_short_forms_are_the_long_ones_and_words_stay_words() -> None:
    found = read(
        "A: !Sub '${X}'\nB: !GetAtt Bucket.Arn\nC: !If [Yes, !Ref X, no]\nD: 2012-10-17\nE: true\n"
        "F: !Condition Z"
    )
    assert found == {
        "A": {"Fn::Sub": "${X}"},
        "B": {"Fn::GetAtt": ["Bucket", "Arn"]},
        "C": {"Fn::If": ["Yes", {"Ref": "X"}, "no"]},
        "D": "2012-10-17",
        "E": True,
        "F": {"Condition": "Z"},
    }
    assert read(' {"A": 1}') == {"A": 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Template body is empty"),
        ("{", "JSON not well-formed"),
        ("a: [", "YAML not well-formed"),
        ("- a", "unsupported structure"),
        ("a: &x 1\nb: *x", "YAML aliases are not allowed"),
        ("a: " + "[" * 200 + "]" * 200, "too complex"),
        ("Bogus: {}", r"Invalid template property or properties \[Bogus\]"),
        ("Description: x", "At least one Resources member"),
        ("Resources: {A: {}}", "must contain a Type member"),
        ("Resources: {A-b: {Type: 'AWS::S3::Bucket'}}", "non alphanumeric"),
        (f"{BUCKET}, Propertys: {{}}}}}}", "Invalid template resource property"),
        ("Resources: {A: {Type: 'AWS::Foo::Bar'}}", r"Unrecognized resource types: \[AWS::Foo::Bar\]"),
        (f"{BUCKET}, Properties: {{BucketName: !Ref B}}}}}}", r"dependencies \[B\]"),
        (f"{BUCKET}, Condition: C}}}}", "Unresolved condition dependency C in the Resources block"),
        (f"{BUCKET}}}}}\nOutputs: {{O: {{Value: a, Condition: C}}}}", "dependency C in the Outputs block"),
        (f"{BUCKET}}}}}\nOutputs: {{O: {{Value: a, Export: {{Name: !Ref N}}}}}}", r"\[N\] in the Outputs"),
        (f"Transform: [3]\n{BUCKET}}}}}", "Transform must name a macro"),
        (f"{BUCKET}, UpdatePolicy: {{X: 1}}}}}}", "UpdatePolicy is not implemented"),
        (f"{BUCKET}, Condition: [C]}}}}", "Every Condition member must be a string"),
        (f"{BUCKET}, DependsOn: [[]]}}}}", "Every DependsOn value must be a string"),
        (f"{BUCKET}}}}}\nOutputs: {{O: {{Value: a, Export: x}}}}", "Export of Output O must have a Name"),
        (f"{BUCKET}}}}}\nOutputs: {{O: {{Value: a, Export: {{Name: x, To: y}}}}}}", "must have a Name, and"),
        (f"{BUCKET}}}}}\nOutputs: {{O: {{Value: a, Exprt: x}}}}", "Invalid template output property 'Exprt'"),
        (f"{BUCKET}}}}}\nParameters: {{P: {{Type: String, DefaultValue: x}}}}",
         "Invalid template parameter property 'DefaultValue'"),
        (f"{BUCKET}, DeletionPolicy: Snapshot}}}}", "DeletionPolicy Snapshot is not implemented"),
        (f"{BUCKET}, UpdateReplacePolicy: RetainExceptOnCreate}}}}", "RetainExceptOnCreate is not"),
    ],
)  # fmt: skip
def test_templates_are_refused(text: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        template(text)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"Ref": "Name"}, "dogs"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "Bucket"}, "id-of-Bucket"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "Arn-of-Bucket"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Name"}, 7]]}, "a-dogs-7"),
        (
            {"Fn::Sub": "${Name}/${Bucket.Arn}/${!Name}/${AWS::Region}"},
            "dogs/Arn-of-Bucket/${Name}/eu-west-1",
        ),
        ({"Fn::Sub": ["${A}${Name}", {"A": {"Ref": "Bucket"}}]}, "id-of-Bucketdogs"),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "a,b,c"]}]}, "b"),
        ({"Fn::If": ["No", 1, {"Fn::If": ["Yes", 2, 3]}]}, 2),
        (
            {"A": {"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, "B": [{"Ref": "AWS::NoValue"}, 1]},
            {"B": [1]},
        ),
        ({"Fn::FindInMap": ["Sizes", "prod", "memory"]}, 512),
        ({"Fn::Base64": "hello"}, "aGVsbG8="),
        ({"Fn::GetAZs": ""}, ["eu-west-1a", "eu-west-1c"]),
        ({"Fn::GetAZs": {"Ref": "AWS::Region"}}, ["eu-west-1a", "eu-west-1c"]),
        ({"Fn::GetAZs": {"Fn::If": ["No", "", "us-west-2"]}}, ["us-west-2b"]),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::ImportValue": "shared"}, "value"),
        ({"Fn::Length": {"Ref": "Zones"}}, 2),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_functions(value: Any, wanted: Any) -> None:
    assert evaluate(value, context()) == wanted


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"Ref": ["Name"]}, "Every Ref object must have a single String value"),
        ({"Ref": "Nobody"}, r"Unresolved resource dependencies \[Nobody\]"),
        ({"Fn::GetAtt": ["Nobody", "Arn"]}, "undefined resource Nobody"),
        ({"Fn::Select": [5, ["a"]]}, "nonexistent value at index 5"),
        ({"Fn::FindInMap": ["Sizes", "test", "memory"]}, "Unable to get mapping for Sizes::test::memory"),
        ({"Fn::Join": ["-", "text"]}, "requires a list"),
        ({"Fn::Sub": ["a"]}, "Fn::Sub"),
        ({"Fn::If": ["Unknown", 1, 2]}, "unresolved condition dependency Unknown in Fn::If"),
        ({"Fn::GetAZs": "us-west-9"}, "knows no region us-west-9"),
        ({"Fn::Transform": {"Name": "x"}}, "Fn::Transform is not implemented"),
        ({"Fn::Cidr": ["10.0.0.0/16", 9999, 8]}, "Fn::Cidr"),
    ],
)
def test_functions_that_cannot_be_evaluated(value: Any, words: str) -> None:
    with pytest.raises(Unresolved, match=words):
        evaluate(value, context())


def test_regions_whose_zones_are_asked_for_are_known_ahead() -> None:
    asking = template(
        "Parameters: {Far: {Type: String}, Second: {Type: String}}\n"
        "Conditions: {IsSecond: !Equals [!Ref Second, 'yes']}\n"
        "Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Select [0, !GetAZs '']}}}\n"
        "Outputs: {B: {Value: !Select [0, 'Fn::GetAZs': !Ref Far]},\n"
        "  C: {Value: !Select [0, 'Fn::GetAZs': !If [IsSecond, us-west-2, sa-east-1]]},\n"
        "  D: {Value: !Select [0, 'Fn::GetAZs': !Ref A]}}"
    )
    values = context(parameters={"Far": "us-east-2", "Second": "yes"}, resources=frozenset())
    assert regions_asked(asking, values) == {"eu-west-1", "us-east-2", "us-west-2"}


def test_deep_and_growing_values_have_an_end() -> None:
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    with pytest.raises(Unresolved, match="too deeply"):
        evaluate(deep, context())
    large = {"Fn::Join": ["", ["x" * 100_000]]}
    for long in (
        {"Fn::Join": ["x" * 5_000_000, ["a", "b"]]},
        [{"Fn::Join": ["x" * 1000, ["a"] * 100]}] * 50,
        {"Fn::Sub": ["${L}" * 50, {"L": large}]},
        [{"Fn::Split": ["x", large]}] * 5,
        [{"Fn::Base64": large}] * 50,
    ):
        with pytest.raises(Unresolved, match="too long"):
            evaluate(long, context())
    with pytest.raises(NotYet):
        evaluate({"Ref": "Later"}, context())


def test_conditions_name_one_another() -> None:
    conditions = {
        "IsProd": {"Fn::Equals": [{"Ref": "Name"}, "dogs"]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Fn::Not": [{"Condition": "Never"}]}]},
        "Never": {"Fn::Or": [{"Fn::Equals": [1, "2"]}, {"Fn::Equals": ["a", "b"]}]},
    }
    assert decided(conditions, context()) == {"IsProd": True, "Both": True, "Never": False}
    with pytest.raises(Unresolved, match="circular dependency"):
        decided({"A": {"Condition": "B"}, "B": {"Fn::Not": [{"Condition": "A"}]}}, context())


@pytest.mark.parametrize(
    ("parameter", "text", "words"),
    [
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "c", "Parameter 'P' must be one of AllowedValues"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "A", r"must match pattern \[a-z\]\+"),
        ({"Type": "String", "AllowedPattern": "x", "ConstraintDescription": "an x"}, "A", "constraint: an x"),
        ({"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]+"}, "a, B", "must match pattern"),
        ({"Type": "AWS::EC2::KeyPair::KeyName", "AllowedPattern": "[a-z]+"}, "A", "must match pattern"),
        ({"Type": "AWS::EC2::KeyPair::KeyName", "MinLength": 1}, "", "at least 1 characters"),
        ({"Type": "String", "MinLength": 3}, "ab", "at least 3 characters"),
        ({"Type": "String", "MaxLength": "1"}, "ab", "at most 1 characters"),
        ({"Type": "String", "MinLength": "x"}, "ab", "MinLength of P must be a number"),
        ({"Type": "Number", "MaxValue": []}, "1", "MaxValue of P must be a number"),
        ({"Type": "String", "AllowedPattern": 3}, "a", "AllowedPattern of P cannot be used"),
        ({"Type": "String", "AllowedValues": True}, "a", "AllowedValues of P must be a list"),
        ({"Type": "Number"}, "many", "must be a number"),
        ({"Type": "Number", "MinValue": 1}, "nan", "must be a number"),
        ({"Type": "Number", "MaxValue": 5}, "6", "not greater than 5"),
        ({"Type": "List<Number>", "MinValue": 2}, "3,1", "not less than 2"),
        ({"Type": "String", "AllowedPattern": "(a+)+$"}, "a" * 40 + "!", "cannot be used|must match"),
    ],
)
def test_parameters_are_refused(parameter: dict[str, Any], text: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        bound({"P": parameter}, {"P": text}, {})


def test_parameters_come_from_the_request_the_stack_or_the_template() -> None:
    declared = {name: {"Type": "String"} for name in ("Given", "Kept")} | {
        "Other": {"Type": "Number", "Default": 3}
    }
    found = bound(declared, {"Given": "g"}, {"Kept": "k", "Other": "9"}, frozenset(("Kept",)))
    assert found == {"Given": "g", "Kept": "k", "Other": "3"}
    with pytest.raises(ValidationError, match=r"Parameters: \[Kept\] must have values"):
        bound(declared, {"Given": "g"}, {})
    with pytest.raises(ValidationError, match=r"Parameters: \[Extra\] do not exist in the template"):
        bound(declared, {"Given": "g", "Kept": "k", "Extra": "e"}, {})
    assert value_of("CommaDelimitedList", "a, b") == ["a", "b"]
    lower = {"L": {"Type": "CommaDelimitedList", "AllowedPattern": "[a-z]"}}
    assert bound(lower, {"L": "a, b"}, {}) == {"L": "a, b"}


BUCKETS = """
Resources:
  First: {Type: AWS::S3::Bucket}
  Second: {Type: AWS::S3::Bucket, DependsOn: First}
  Third:
    Type: AWS::S3::BucketPolicy
    Properties: {Bucket: !Ref Second, PolicyDocument: {A: !Sub "${First.Arn}"}}
"""


def test_resources_come_after_what_they_need() -> None:
    found = template(BUCKETS)
    every = frozenset(found.resources)
    assert dependencies(found, every) == {
        "First": frozenset(),
        "Second": {"First"},
        "Third": {"First", "Second"},
    }
    assert dependencies(found, every - {"First"})["Second"] == frozenset()
    circle = template(
        BUCKETS.replace("First: {Type: AWS::S3::Bucket}", "First: {Type: AWS::S3::Bucket, DependsOn: Third}")
    )
    with pytest.raises(
        ValidationError, match=r"Circular dependency between resources: \[First, Second, Third\]"
    ):
        dependencies(circle, every)


def test_iam_resources_need_a_word() -> None:
    role = "Resources: {R: {Type: AWS::IAM::Role, Properties: {%s}}}"
    check_capabilities(template(BUCKETS), ())
    check_capabilities(template(role % ""), ("CAPABILITY_IAM",))
    check_capabilities(template(role % ""), ("CAPABILITY_NAMED_IAM",))
    for properties, given, needed in (("", (), "IAM"), ("RoleName: x", ("CAPABILITY_IAM",), "NAMED_IAM")):
        with pytest.raises(InsufficientCapabilitiesException, match=rf"\[CAPABILITY_{needed}\]"):
            check_capabilities(template(role % properties), given)


async def test_patterns_of_a_template_have_an_end_together() -> None:
    slow = {"Type": "String", "Default": "a" * 60 + "!", "AllowedPattern": "(a|a?)+"}
    began = time.thread_time()
    with pytest.raises((BudgetSpent, ValidationError)):
        await in_budget(bound, {f"P{number}": slow for number in range(200)}, {}, {})
    assert time.thread_time() - began < 0.5  # here: the rest was a thread's
