"""REST APIs: creation, patches, policies, pages, tags."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.apigateway.calls import ACCOUNT, Client, mock_method, refusal, replace


def test_an_api_from_creation_to_deletion(gateway: Any) -> None:
    made = gateway.create_rest_api(
        name="pets", description="d", binaryMediaTypes=["image/png"], tags={"team": "a"}
    )
    assert len(made["id"]) == 10 and made["id"].isalnum() and made["id"] == made["id"].lower()
    assert made["endpointConfiguration"] == {"types": ["EDGE"], "ipAddressType": "ipv4"}
    assert (made["apiKeySource"], made["disableExecuteApiEndpoint"]) == ("HEADER", False)
    assert "policy" not in made and "warnings" not in made
    found = gateway.get_rest_api(restApiId=made["id"])
    for answer in (made, found):
        del answer["ResponseMetadata"]
    assert found == made
    assert made["id"] in [one["id"] for one in gateway.get_rest_apis(limit=500)["items"]]
    answer = gateway.delete_rest_api(restApiId=made["id"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert refusal(gateway.get_rest_api, restApiId=made["id"]) == (
        "NotFoundException",
        f"Invalid API identifier specified {ACCOUNT}:{made['id']}",
        404,
    )


def test_apis_of_another_account_and_region_are_unknown(client: Client, api: dict[str, Any]) -> None:
    stranger = client("apigateway", account="210987654321")
    code, message, _ = refusal(stranger.get_rest_api, restApiId=api["restApiId"])
    assert message == f"Invalid API identifier specified 210987654321:{api['restApiId']}"
    elsewhere = client("apigateway", region="eu-west-1")
    assert refusal(elsewhere.get_rest_api, restApiId=api["restApiId"])[0] == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"description": ""}, "Description cannot be an empty string"),
        (
            {"minimumCompressionSize": -1},
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            {"endpointConfiguration": {"types": ["EDGE", "REGIONAL"]}},
            "Cannot create an api with multiple Endpoint Types.",
        ),
        (
            {"endpointConfiguration": {"types": []}},
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
        ),
        (
            {"policy": "{"},
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
        ),
    ],
)
def test_apis_that_cannot_be(gateway: Any, arguments: dict[str, Any], message: str) -> None:
    assert refusal(gateway.create_rest_api, name="x", **arguments) == ("BadRequestException", message, 400)


def test_what_is_not_built_is_said(gateway: Any, api: dict[str, Any]) -> None:
    private = {"types": ["PRIVATE"], "ipAddressType": "dualstack"}
    assert refusal(gateway.create_rest_api, name="x", endpointConfiguration=private)[2] == 501
    assert refusal(gateway.create_vpc_link, name="x", targetArns=["arn:aws:x"])[2] == 501
    assert refusal(gateway.get_domain_names)[2] == 501


def test_patches_of_an_api(gateway: Any, api: dict[str, Any]) -> None:
    where = {"restApiId": api["restApiId"]}
    gateway.update_rest_api(**where, **replace("/binaryMediaTypes/image~1png", op="add"))
    gateway.update_rest_api(**where, **replace("/binaryMediaTypes/image~1jpeg", op="add"))
    changed = gateway.update_rest_api(**where, **replace("/binaryMediaTypes/image~1png", "image/gif"))
    assert changed["binaryMediaTypes"] == ["image/jpeg", "image/gif"]
    assert changed["tags"] == {}
    changed = gateway.update_rest_api(
        **where,
        patchOperations=[
            {"op": "remove", "path": "/binaryMediaTypes/image~1gif"},
            {"op": "replace", "path": "/name", "value": "other"},
            {"op": "replace", "path": "/minimumCompressionSize", "value": "0"},
            {"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": "REGIONAL"},
        ],
    )
    assert changed["binaryMediaTypes"] == ["image/jpeg"]
    assert (changed["name"], changed["minimumCompressionSize"]) == ("other", 0)
    assert changed["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert "minimumCompressionSize" not in gateway.update_rest_api(
        **where, **replace("/minimumCompressionSize")
    )
    for operation, message in (
        (
            replace("/minimumCompressionSize", "x"),
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (replace("/name", "x", "add"), "Invalid patch operation specified. Must be one of: [replace]"),
        (replace("/binaryMediaTypes", "x"), "Invalid patch path /binaryMediaTypes"),
        (replace("/nothing", "x"), "Invalid patch path /nothing"),
    ):
        assert refusal(gateway.update_rest_api, **where, **operation) == ("BadRequestException", message, 400)
    refused = {"op": "replace", "path": "/nothing", "value": "x"}
    both = [{"op": "replace", "path": "/name", "value": "never"}, refused]
    refusal(gateway.update_rest_api, **where, patchOperations=both)
    assert gateway.get_rest_api(**where)["name"] == "other"


def test_a_policy_is_stored_with_whole_arns(gateway: Any) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
            }
        ],
    }
    made = gateway.create_rest_api(name="guarded", policy=json.dumps(policy))
    stored = json.loads(made["policy"].encode().decode("unicode_escape"))
    assert stored["Statement"][0]["Resource"] == f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{made['id']}/*"
    gateway.delete_rest_api(restApiId=made["id"])


def test_pages_of_apis(client: Client) -> None:
    gateway = client("apigateway", region="ap-south-1")
    made = {gateway.create_rest_api(name="page")["id"] for _ in range(3)}
    first = gateway.get_rest_apis(limit=2)
    second = gateway.get_rest_apis(limit=2, position=first["position"])
    assert "position" not in second
    assert {one["id"] for one in first["items"] + second["items"]} == made
    assert refusal(gateway.get_rest_apis, position="nonsense")[0] == "BadRequestException"
    assert refusal(gateway.get_rest_apis, limit=501)[0] == "BadRequestException"
    for api_id in made:
        gateway.delete_rest_api(restApiId=api_id)


def test_tags(gateway: Any, api: dict[str, Any]) -> None:
    mock_method(gateway, api, api["root"])
    gateway.create_deployment(restApiId=api["restApiId"], stageName="dev")
    for path in (f"/restapis/{api['restApiId']}", f"/restapis/{api['restApiId']}/stages/dev"):
        arn = f"arn:aws:apigateway:us-east-1::{path}"
        gateway.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        gateway.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert gateway.get_tags(resourceArn=arn)["tags"] == {"b": "2"}
    assert gateway.get_rest_api(restApiId=api["restApiId"])["tags"] == {"b": "2"}
    assert refusal(gateway.get_tags, resourceArn="arn:aws:s3:::b")[0] == "BadRequestException"
