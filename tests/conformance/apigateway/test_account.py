"""The account's role for logs, and rights as verbs on paths."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.apigateway.calls import ACCOUNT, LAMBDA_URI, Client, mock_method, refusal, replace


@pytest.fixture
def logging_role(client: Client) -> Iterator[str]:
    iam = client("iam")
    name = f"apigateway-{uuid.uuid4().hex[:8]}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "apigateway.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    yield iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.delete_role(RoleName=name)


def test_logging_needs_a_role_of_the_account(client: Client, logging_role: str) -> None:
    gateway = client("apigateway", region="eu-west-2")
    made = gateway.create_rest_api(name="logs")
    api = {"restApiId": made["id"], "root": made["rootResourceId"]}
    mock_method(gateway, api, api["root"])
    stage = {"restApiId": made["id"], "stageName": "dev"}
    gateway.create_deployment(**stage)
    assert gateway.get_account()["throttleSettings"] == {"burstLimit": 5000, "rateLimit": 10000.0}
    level = replace("/*/*/logging/loglevel", "INFO")
    assert refusal(gateway.update_stage, **stage, **level)[1] == (
        "CloudWatch Logs role ARN must be set in account settings to enable logging"
    )
    other = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    assert refusal(gateway.update_account, **replace("/cloudwatchRoleArn", other))[2] in (400, 403)
    assert (
        gateway.update_account(**replace("/cloudwatchRoleArn", logging_role))["cloudwatchRoleArn"]
        == logging_role
    )
    settings = gateway.update_stage(**stage, **level)["methodSettings"]
    assert settings["*/*"]["loggingLevel"] == "INFO"
    arn = f"arn:aws:logs:eu-west-2:{ACCOUNT}:log-group:access"
    gateway.update_stage(**stage, **replace("/accessLogSettings/destinationArn", arn))
    changed = gateway.update_stage(**stage, **replace("/accessLogSettings/format", "$context.requestId"))
    assert changed["accessLogSettings"] == {"destinationArn": arn, "format": "$context.requestId"}
    assert refusal(gateway.update_stage, **stage, **replace("/accessLogSettings/format", "x"))[1].startswith(
        "Access Log format must be single line"
    )
    gateway.update_account(**replace("/cloudwatchRoleArn", op="remove"))
    gateway.delete_rest_api(restApiId=made["id"])


def test_rights_are_verbs_on_paths(
    client: Client, gateway: Any, api: dict[str, Any], logging_role: str
) -> None:
    iam = client("iam")
    name = f"developer-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
    developer = client("apigateway", credentials=keys)
    code, message, status = refusal(developer.get_rest_api, restApiId=api["restApiId"])
    assert (code, status) == ("AccessDeniedException", 403)
    assert (
        f"is not authorized to perform: apigateway:GET on resource:"
        f" arn:aws:apigateway:us-east-1::/restapis/{api['restApiId']}" in message
    )
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["apigateway:GET", "apigateway:PUT"],
                "Resource": f"arn:aws:apigateway:us-east-1::/restapis/{api['restApiId']}*",
            }
        ],
    }
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    developer.get_rest_api(restApiId=api["restApiId"])
    method = {"restApiId": api["restApiId"], "resourceId": api["root"], "httpMethod": "GET"}
    developer.put_method(**method, authorizationType="NONE")
    assert refusal(developer.delete_method, **method)[2] == 403
    integration = {"type": "AWS", "integrationHttpMethod": "POST", "uri": LAMBDA_URI}
    developer.put_integration(**method, **integration)
    code, message, _ = refusal(developer.put_integration, **method, **integration, credentials=logging_role)
    assert "iam:PassRole" in message
    gateway.put_integration(**method, **integration, credentials=logging_role)
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)
