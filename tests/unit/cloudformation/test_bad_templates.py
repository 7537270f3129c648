"""Anything in any place of a template is refused in words, or carried out: never a fault of our own."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.acceptance import check_template
from sagehen.services.cloudformation.macros.language_extensions import extended
from sagehen.services.cloudformation.makers.contract import MakerFailed
from sagehen.services.cloudformation.makers.creation_policies import wanted_of
from sagehen.services.cloudformation.running.evaluating import plan_of
from sagehen.services.cloudformation.stacks.stack import Stack, Version
from sagehen.services.cloudformation.templates import parameters as binding
from sagehen.services.cloudformation.templates.context import Context, NotYet, Unresolved, pseudo_of
from sagehen.services.cloudformation.templates.reading import read
from sagehen.services.cloudformation.templates.rules import check_rules
from sagehen.services.cloudformation.templates.template import template_of

SCOPE = Scope("123456789012", "us-east-1")
GOOD = """
Description: d
Transform: [AWS::LanguageExtensions]
Parameters:
  P: {Type: String, MinLength: 1, MaxLength: 9, AllowedValues: [a, b], Default: a, AllowedPattern: a|b}
  N: {Type: Number, MinValue: 1, MaxValue: 9, Default: 3, ConstraintDescription: x}
  L: {Type: CommaDelimitedList, Default: "a,b", NoEcho: true}
Rules:
  R:
    RuleCondition: {Fn::Equals: [!Ref P, a]}
    Assertions:
      - {Assert: {Fn::Contains: [[a], !Ref P]}, AssertDescription: d}
      - Assert: !Not [!And [{Fn::EachMemberIn: [[a], [b]]}, {Fn::EachMemberEquals: [[a], b]}]]
Mappings: {M: {a: {b: c}}}
Conditions:
  C: !Equals [!Ref P, a]
  D: !Or [!Condition C, !Not [!Condition C]]
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Condition: C
    DependsOn: [Group]
    DeletionPolicy: Retain
    Properties:
      BucketName: !Sub ["${x}-${P}", {x: !Join ["-", [a, b]]}]
      Tags: [{Key: k, Value: !If [C, !FindInMap [M, a, b], !Ref AWS::NoValue]}]
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Select [0, !Split [",", !Sub "a,b"]]}
  Wait:
    Type: AWS::CloudFormation::WaitCondition
    CreationPolicy: {ResourceSignal: {Timeout: PT5M, Count: 1}}
  Fn::ForEach::X: [I, [a, b], {"Q${I}": {Type: AWS::SSM::Parameter, Properties: {Value: {Fn::Base64: x}}}}]
Outputs:
  O: {Value: !Sub "${P}", Condition: C, Export: {Name: !Sub "${AWS::StackName}-x"}, Description: d}
  A: {Value: !GetAtt Group.Arn}
"""
ODD: list[Any] = [None, True, -1, "", "²", "9" * 5000, [], {}, [[]], ["a", "b", "c"], {"Ref": []},
                  {"Fn::Sub": 3}, {"Ref": "P"}]  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, one in members:
        yield from places(one, (*at, key))


def with_odd(document: Any, at: tuple[Any, ...], odd: Any) -> Any:
    found = inner = copy.deepcopy(document)
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = odd
    return found


def carry_out(document: Any) -> None:
    """Do with a document what is done with a template, but for its effects."""
    asked = template_of(json.dumps(document), document)
    texts = binding.bound(asked.parameters, {"P": "a"}, {})
    values, mappings = binding.values_of(asked.parameters, texts, {}), document.get("Mappings")
    context = Context(values, pseudo_of(SCOPE, "s"), mappings if isinstance(mappings, dict) else {})
    text = json.dumps(extended({name: one for name, one in document.items() if name != "Transform"}, context))
    template = template_of(text, read(text))
    check_template(template)
    check_rules(template.rules, context)
    version = Version(text, texts, [], None, [])
    stack = Stack(SCOPE, "id", "s", created_at=0, status="", version=version, principal={})
    plan = plan_of(stack, version, str, {})
    for name in plan.needs:
        for work in (plan.properties, plan.foreseen):
            with contextlib.suppress(Unresolved, NotYet):
                work(name, {}, {})
        if (policy := plan.creation_policy(name)) is not None:
            with contextlib.suppress(MakerFailed):
                wanted_of(policy)
    plan.outputs({}, {})


def test_whatever_stands_anywhere_in_a_template() -> None:
    good = read(GOOD)
    with contextlib.suppress(NotYet):  # its last output is known once there is a log group
        carry_out(good)
    faults = []
    for at in places(good):
        for odd in ODD:
            try:
                carry_out(with_odd(good, at, odd))
            except (ServiceError, Unresolved, NotYet):
                pass
            except Exception as error:
                faults.append(f"{at}: {str(odd)[:20]!r}: {type(error).__name__}: {error}")
    assert not faults
