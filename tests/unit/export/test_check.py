"""The check list: what it takes, what it costs, what is open, what rights are too many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sagehen.executors.hardware.instance_types import lookup
from sagehen.export.check.capacity import costs, quotas
from sagehen.export.check.check_list import check_list
from sagehen.export.check.openness import openness, secrets
from sagehen.export.check.rights import unused
from sagehen.export.graph.exported import Exported, exported
from sagehen.export.graph.linking import linked
from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Key, Named, Text
from tests.unit.export.scene import ACCOUNT, ENDPOINT, REGION, policy, role, scene, whole


def of(*nodes: Node) -> Exported:
    return exported(linked(nodes, REGION, ACCOUNT), REGION, ACCOUNT)


def scaled(most: int) -> Node:
    resource = Text(("endpoint/", Named(ENDPOINT, "EndpointName", "classifier"), "/variant/all"))
    found = {"ResourceId": resource, "MinCapacity": 1, "MaxCapacity": most}
    return Node(Key("AWS::ApplicationAutoScaling::ScalableTarget", "t"), "t", found)


def typed(kind: str) -> list[Node]:
    def changed(node: Node) -> Node:
        variants = [{**one, "InstanceType": kind} for one in node.properties.get("ProductionVariants", ())]
        return (
            replace(node, properties={**node.properties, "ProductionVariants": variants})
            if variants
            else node
        )

    return [changed(node) for node in scene()]


def test_instances_are_counted_as_far_as_they_scale() -> None:
    first, *more = quotas(of(*scene(), scaled(3)))
    assert first == "'ml.c5.large for endpoint usage': 3 or more" and len(more) == 1
    price = lookup("ml.c5.large").usd_per_hour  # type: ignore[union-attr]
    one, together = costs(of(*scene(), scaled(3)))
    assert (
        f"1 × ml.c5.large, {price:.4f} USD an hour, 3 at most" in one
        and f"{price:.4f} USD an hour" in together
    )


def test_gpu_types_are_told_and_unknown_prices_are_in_no_sum() -> None:
    assert "a GPU type" in next(quotas(of(*typed("ml.g5.xlarge"))))
    [line] = costs(of(*typed("ml.zz9.large")))
    assert "no price is known" in line


def only(type_: str, **found: Any) -> list[str]:
    return list(openness(of(Node(Key(type_, "x"), "x", found))))


@pytest.mark.parametrize(
    ("type_", "found", "count"),
    [
        ("AWS::Lambda::Url", {"AuthType": "NONE"}, 1),
        ("AWS::Lambda::Url", {"AuthType": "AWS_IAM"}, 0),
        ("AWS::ApiGateway::Method", {"HttpMethod": "GET", "AuthorizationType": "NONE"}, 1),
        ("AWS::ApiGateway::Method", {"HttpMethod": "OPTIONS", "AuthorizationType": "NONE"}, 0),
        ("AWS::ApiGateway::Method", {"HttpMethod": "GET", "AuthorizationType": "AWS_IAM"}, 0),
        (
            "AWS::ApiGateway::Method",
            {"HttpMethod": "GET", "AuthorizationType": "NONE", "ApiKeyRequired": True},
            0,
        ),
        ("AWS::Lambda::Permission", {"Action": "lambda:InvokeFunction", "Principal": "*"}, 1),
        ("AWS::Lambda::Permission", {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}, 0),
        ("AWS::S3::BucketPolicy", {"PolicyDocument": policy({"Effect": "Allow", "Principal": "*"})}, 1),
        (
            "AWS::S3::BucketPolicy",
            {"PolicyDocument": policy({"Effect": "Allow", "Principal": {"AWS": ["*"]}})},
            1,
        ),
        ("AWS::S3::BucketPolicy", {"PolicyDocument": policy({"Effect": "Deny", "Principal": "*"})}, 0),
        ("AWS::S3::Bucket", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}}, 1),
        ("AWS::S3::Bucket", {}, 0),
    ],
)
def test_what_is_open(type_: str, found: dict[str, Any], count: int) -> None:
    assert len(only(type_, **found)) == count


def test_what_looks_like_a_secret_is_told() -> None:
    [line] = secrets(of(*scene(DB_PASSWORD="x", ENDPOINT="classifier")))
    assert "DB_PASSWORD of the function ask" in line


def test_rights_without_use() -> None:
    allowed = {"Effect": "Allow", "Action": ["s3:*", "logs:PutLogEvents"], "Resource": "*"}
    told = list(unused([role(allowed)], {"ask": [("s3:GetObject", ["arn:aws:s3:::dogs/x"])]}))
    assert told == [
        "role ask: of s3:* of own only s3:GetObject was used",
        "role ask: logs:PutLogEvents of own was never used",
        "role ask: own allows it on every resource",
    ]


def test_a_list_has_no_empty_headings() -> None:
    found = dict(check_list(whole(), [], {}))
    assert "It costs by the hour" in found and "Roles have more rights here than they used" not in found
    assert all(found.values())
