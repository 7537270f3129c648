"""Macros: found, written out, included, translated by AWS's own translator, refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.acceptance import check_expansion, needed_capabilities
from sagehen.services.cloudformation.errors import (
    InsufficientCapabilitiesException,
    TransformFailed,
    ValidationError,
)
from sagehen.services.cloudformation.macros.asking import Asking
from sagehen.services.cloudformation.macros.functions import FunctionMacros
from sagehen.services.cloudformation.macros.language_extensions import extended, require_no_extensions
from sagehen.services.cloudformation.macros.processing import Macros
from sagehen.services.cloudformation.templates.context import Context
from sagehen.services.cloudformation.templates.functions import evaluate
from sagehen.services.cloudformation.templates.reading import read
from sagehen.services.cloudformation.templates.template import template_of
from sagehen.services.cloudformation.templates.transforms import names_of

SCOPE = Scope("123456789012", "eu-west-1")
USER = Principal(PrincipalKind.USER, "arn:aws:iam::123456789012:user/u", "123456789012")
EXTENSIONS = "AWS::LanguageExtensions"
SERVERLESS = "AWS::Serverless-2016-10-31"
FUNCTION = {"CodeUri": "s3://b/k", "Handler": "i.h", "Runtime": "python3.11"}


class _Records:
    """Two macros of one's own."""

    def function_of(self, scope: Scope, name: str) -> str | None:
        return name.lower() if name in ("Tagged", "Broken") else None


class _Functions:
    """What Lambda would answer: the fragment with what the function was told beside it."""

    async def call(
        self, principal: Principal, scope: Scope, service: str, operation: str, request: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        assert (principal, service, operation) == (USER, "lambda", "Invoke")
        event = json.loads(request["Payload"])
        told = {name: event[name] for name in ("transformId", "params", "templateParameterValues")}
        answer = {
            "requestId": event["requestId"],
            "status": "success",
            "fragment": {**event["fragment"], **told},
        }
        if request["FunctionName"] == "broken":
            answer = {"requestId": event["requestId"], "status": "failure", "errorMessage": "not today"}
        return {"Payload": json.dumps(answer).encode()}


def context(**parameters: Any) -> Context:
    return Context(parameters, {"AWS::Region": "eu-west-1"}, {"Names": {"all": {"list": ["x", "y"]}}})


async def processed(document: Mapping[str, Any], files: Mapping[str, str] | None = None) -> dict[str, Any]:
    async def text_at(location: str) -> str:
        if location not in (files or {}):
            raise ValidationError(f"S3 error: Access Denied ({location})")
        return (files or {})[location]

    asking = Asking(USER, SCOPE, {}, context(File="s3://b/f", Many=["p", "q"]), text_at)
    return await Macros(FunctionMacros(_Records(), _Functions())).processed(asking, document)  # type: ignore[arg-type]


def loop(name: str, collection: Any, output: Any) -> dict[str, Any]:
    return {"Resources": {"Fn::ForEach::L": [name, collection, output]}}


@pytest.mark.parametrize(
    ("collection", "output", "wanted"),
    [
        (["a", "b"], {"B${N}": {"P": {"Ref": "N"}}}, {"Ba": {"P": "a"}, "Bb": {"P": "b"}}),
        ({"Ref": "Many"}, {"B${N}": "x-${N}"}, {"Bp": "x-p", "Bq": "x-q"}),
        ({"Fn::FindInMap": ["Names", "all", "list"]}, {"${N}": 1}, {"x": 1, "y": 1}),
        (["a.b-c"], {"B&{N}": "${N}"}, {"Babc": "a.b-c"}),
        (
            ["a", "b"],
            {"Fn::ForEach::M": ["M", [1, 2], {"B${N}${M}": {"Fn::GetAtt": ["C${N}", "Arn"]}}]},
            {f"B{n}{m}": {"Fn::GetAtt": [f"C{n}", "Arn"]} for n in "ab" for m in "12"},
        ),
    ],
)
def test_loops_are_written_out(collection: Any, output: Any, wanted: Any) -> None:
    found = extended(loop("N", collection, output), context(Many=["p", "q"]))
    assert found["Resources"] == wanted


@pytest.mark.parametrize(
    ("collection", "output", "words"),
    [
        ("a", {"B": 1}, "must be a list of strings"),
        (["a", "b"], {"B": 1}, "writes B more than once"),
        (["a"], "B", "must be a map"),
        ({"Ref": "Resource"}, {"B": 1}, "Unresolved resource dependencies"),
        (
            [str(number) for number in range(300)],
            {"Fn::ForEach::M": ["M", [str(number) for number in range(300)], {"B${N}x${M}": {"P": "p"}}]},
            "Loops write more than 50000 values",
        ),
    ],
)
def test_loops_are_refused(collection: Any, output: Any, words: str) -> None:
    with pytest.raises(TransformFailed, match=rf"Transform {EXTENSIONS} failed with: .*{words}"):
        extended(loop("N", collection, output), context())


def test_policies_are_decided_where_they_are_functions() -> None:
    document = {
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {
            "A": {"DeletionPolicy": {"Fn::If": ["IsProd", "Retain", {"Ref": "AWS::NoValue"}]}},
            "B": {"UpdateReplacePolicy": {"Ref": "Policy"}},
        },
    }
    found = extended(document, context(Stage="prod", Policy="Retain"))["Resources"]
    assert found == {"A": {"DeletionPolicy": "Retain"}, "B": {"UpdateReplacePolicy": "Retain"}}
    assert extended(document, context(Stage="test", Policy="Delete"))["Resources"]["A"] == {}


def test_functions_of_the_extensions() -> None:
    value = {"Fn::ToJsonString": {"a": [{"Ref": "N"}], "b": {"Ref": "AWS::NoValue"}}}
    assert evaluate(value, context(N="x")) == '{"a":["x"]}'
    with_default = {"Fn::FindInMap": ["Names", "none", "list", {"DefaultValue": {"Ref": "N"}}]}
    assert evaluate(with_default, context(N="x")) == "x"


@pytest.mark.parametrize(
    "part",
    [
        {"Fn::Length": [1]},
        {"Fn::ToJsonString": {}},
        {"Fn::ForEach::L": []},
        {"Fn::FindInMap": ["a", "b", "c", {"DefaultValue": 1}]},
    ],
)
def test_what_aws_takes_with_the_extensions_alone_is_refused_without(part: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=EXTENSIONS):
        require_no_extensions({"Resources": {"A": {"Properties": part}}})


async def test_files_are_included_the_innermost_first() -> None:
    transform = {"Name": "AWS::Include", "Parameters": {"Location": {"Ref": "File"}}}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"A": 1, "Fn::Transform": transform}}
    document = {
        "Resources": {"B": bucket},
        "Transform": {**transform, "Parameters": {"Location": "s3://b/top"}},
    }
    files = {"s3://b/f": "Tags: [{Key: !Ref X, Value: v}]", "s3://b/top": '{"Resources": {"C": {}}, "M": 1}'}
    assert names_of(document) == ("AWS::Include",)
    found = await processed(document, files)
    properties = {"A": 1, "Tags": [{"Key": {"Ref": "X"}, "Value": "v"}]}
    assert found == {"Resources": {"B": {**bucket, "Properties": properties}, "C": {}}, "M": 1}
    with pytest.raises(TransformFailed, match=r"AWS::Include failed with: S3 error: Access Denied"):
        await processed(document)


async def test_a_macro_of_ones_own_gets_its_fragment_and_its_parameters() -> None:
    transform = {"Name": "Tagged", "Parameters": {"A": {"Ref": "Many"}}}
    document = {"Resources": {"B": {"Type": "T", "Fn::Transform": transform}}, "Transform": "Tagged"}
    found = await processed(document)
    told = {
        "transformId": "123456789012::Tagged",
        "templateParameterValues": {"File": "s3://b/f", "Many": ["p", "q"]},
    }
    inner = {"Type": "T", **told, "params": {"A": ["p", "q"]}}
    assert found == {"Resources": {"B": inner}, **told, "params": {}}


async def test_sam_is_translated_by_aws_s_translator() -> None:
    event = {"Post": {"Type": "Api", "Properties": {"Path": "/x", "Method": "post"}}}
    policies = ["AmazonS3ReadOnlyAccess", {"S3ReadPolicy": {"BucketName": "b"}}]
    document = {
        "Transform": [EXTENSIONS, SERVERLESS],
        "Globals": {"Function": {"MemorySize": 512}},
        "Resources": {
            "Fn::ForEach::F": [
                "N",
                ["One"],
                {
                    "F${N}": {
                        "Type": "AWS::Serverless::Function",
                        "Properties": {**FUNCTION, "Events": event, "Policies": policies},
                    }
                },
            ]
        },
    }
    resources = (await processed(document))["Resources"]
    kinds = sorted(one["Type"].removeprefix("AWS::") for one in resources.values())
    gateway = [f"ApiGateway::{kind}" for kind in ("Deployment", "RestApi", "Stage")]
    assert kinds == [*gateway, "IAM::Role", "Lambda::Function", "Lambda::Permission"]
    assert resources["FOne"]["Properties"]["MemorySize"] == 512
    assert (
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        in resources["FOneRole"]["Properties"]["ManagedPolicyArns"]
    )


@pytest.mark.parametrize(
    ("resource", "error", "words"),
    [
        (
            {"Type": "AWS::Serverless::Function", "Properties": {}},
            TransformFailed,
            r"Number of errors found: 1\. .*\[A\]",
        ),
        (
            {"Type": "AWS::Serverless::Application", "Properties": {"Location": {"ApplicationId": "x"}}},
            TransformFailed,
            "Serverless Application Repository",
        ),
        (
            {"Fn::Transform": {"Name": "Mine"}},
            ValidationError,
            "No transform named 123456789012::Mine found",
        ),
        (
            {"Fn::Transform": "Broken"},
            TransformFailed,
            "Transform 123456789012::Broken failed with: not today",
        ),
        ({"Fn::Transform": SERVERLESS}, TransformFailed, "for whole templates"),
    ],
)
async def test_what_no_macro_makes_anything_of(
    resource: dict[str, Any], error: type[ServiceError], words: str
) -> None:
    with pytest.raises(error, match=words):
        await processed({"Transform": SERVERLESS, "Resources": {"A": resource}})


def test_who_asks_knows_that_macros_expand() -> None:
    text = f"Transform: {SERVERLESS}\nGlobals: {{}}\nResources: {{A: {{Anything: 1}}}}"
    template = template_of(text, read(text))
    assert needed_capabilities(template) == ["CAPABILITY_AUTO_EXPAND"]
    with pytest.raises(InsufficientCapabilitiesException, match=r"\[CAPABILITY_AUTO_EXPAND\]"):
        check_expansion(template, ["CAPABILITY_IAM"], reviewed=False)
    check_expansion(template, [], reviewed=True)
