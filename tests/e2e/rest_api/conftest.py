"""Functions behind the APIs."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tests.e2e.rest_api.apis import ACCOUNT, CODE
from tests.e2e.story import client
from tests.running import LAMBDA_RUNTIME, RunningSagehen


@pytest.fixture(scope="module")
def functions(sagehen: RunningSagehen) -> dict[str, str]:
    """The functions of CODE by name -> ARN; API Gateway may invoke them all."""
    iam, lambda_ = client(sagehen, "iam"), client(sagehen, "lambda")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["lambda.amazonaws.com", "apigateway.amazonaws.com"]},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = iam.create_role(RoleName="works", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("code.py", CODE)
    found = {}
    for name in ("echo", "look", "chatty", "guard"):
        made = lambda_.create_function(
            FunctionName=name,
            Runtime=LAMBDA_RUNTIME,
            Role=role,
            Handler=f"code.{name}",
            Timeout=10,
            Code={"ZipFile": buffer.getvalue()},
        )
        lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        lambda_.add_permission(
            FunctionName=name,
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:us-east-1:{ACCOUNT}:*",
        )
        found[name] = made["FunctionArn"]
    return found
