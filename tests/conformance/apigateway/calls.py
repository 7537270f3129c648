"""What the tests of API Gateway say in a line: refusals, patches, a method with a mock behind it."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:classify"
LAMBDA_URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"


def refusal(call: Callable[..., Any], **arguments: Any) -> tuple[str, str, int]:
    """Return code, message and status of the error that a call must end in."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response
    return (
        error["Error"]["Code"],
        error["Error"]["Message"],
        error["ResponseMetadata"]["HTTPStatusCode"],
    )


def replace(path: str, value: str | None = None, op: str = "replace", **more: str) -> dict[str, Any]:
    operation = {"op": op, "path": path, **more}
    if value is not None:
        operation["value"] = value
    return {"patchOperations": [operation]}


def mock_method(gateway: Any, api: dict[str, Any], resource: str, verb: str = "GET", **method: Any) -> None:
    where = {"restApiId": api["restApiId"], "resourceId": resource, "httpMethod": verb}
    gateway.put_method(**where, authorizationType=method.pop("authorizationType", "NONE"), **method)
    gateway.put_integration(
        **where, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}
    )
    gateway.put_method_response(**where, statusCode="200")
    gateway.put_integration_response(**where, statusCode="200", responseTemplates={"application/json": "{}"})


def call(url: str, **headers: str) -> tuple[int, str]:
    """Return status and body of a plain GET."""
    request = urllib.request.Request(url, headers={name.replace("_", "-"): v for name, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
