"""Functions to work on, through boto3 alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.conftest import ClientFactory
from tests.conformance.lambda_.calls import (
    ECHO,
    MakeFunction,
    unique,
    zipped,
)
from tests.running import LAMBDA_RUNTIME

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@pytest.fixture(scope="module")
def functions(client: ClientFactory) -> Any:
    return client("lambda")


@pytest.fixture(scope="module")
def role(client: ClientFactory) -> Iterator[str]:
    iam, name = client("iam"), unique("lambda-role")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    yield made["Role"]["Arn"]
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


@pytest.fixture
def make(functions: Any, role: str) -> Iterator[MakeFunction]:
    made: list[str] = []

    def create(source: str = ECHO, **settings: Any) -> str:
        name = settings.pop("FunctionName", unique("function"))
        functions.create_function(
            **{
                "FunctionName": name,
                "Runtime": LAMBDA_RUNTIME,
                "Role": role,
                "Handler": "code.handler",
                "Code": {"ZipFile": zipped(code__py=source)},
                **settings,
            }
        )
        made.append(name)
        functions.get_waiter("function_active_v2").wait(FunctionName=name)
        return name

    yield create
    for name in made:
        try:
            functions.delete_function(FunctionName=name)
        except functions.exceptions.ResourceNotFoundException:
            pass
