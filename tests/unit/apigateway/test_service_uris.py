"""URIs of backends of AWS: which service, which function, and what cannot be carried out."""

from __future__ import annotations

import pytest

from sagehen.services.apigateway.service_uris import ServiceUri, fault_of_service_uri, parse_service_uri

HEAD = "arn:aws:apigateway:us-east-1:"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
INVOKED = "path/2015-03-31/functions/{}/invocations"


@pytest.mark.parametrize(
    ("uri", "service", "target"),
    [
        (f"{HEAD}s3:path/b/k", "s3", "path/b/k"),
        (f"{HEAD}sqs:action/SendMessage", "sqs", "action/SendMessage"),
        (
            f"{HEAD}runtime.sagemaker:path//endpoints/e/invocations",
            "sagemaker",
            "path//endpoints/e/invocations",
        ),
        ("arn:aws-cn:apigateway:cn-north-1:s3:path/b", "s3", "path/b"),
        (f"{HEAD}s3:path/a:b", "s3", "path/a:b"),
    ],
)
def test_parts(uri: str, service: str, target: str) -> None:
    assert parse_service_uri(uri) == ServiceUri(service, target)


@pytest.mark.parametrize("uri", ["", "http://h/", "arn:aws:s3:::b", FUNCTION, "arn:aws:apigateway:us-east-1"])
def test_what_is_no_service_uri(uri: str) -> None:
    assert parse_service_uri(uri) is None


@pytest.mark.parametrize(
    ("function", "found"),
    [
        (FUNCTION, True),
        (f"{FUNCTION}:prod", True),
        (f"{FUNCTION}:$LATEST", True),
        (f"{FUNCTION}:${{stageVariables.alias}}", True),
        (FUNCTION.removesuffix("f") + "${stageVariables.fn}", True),
        ("${stageVariables.fn}", True),  # the whole ARN is in the variable
        ("f", False),
        (f"{FUNCTION}:a:b", False),
        (FUNCTION.removesuffix("f") + "a b", False),
        (FUNCTION.replace("123456789012", "1234"), False),
        ("", False),
    ],
)
def test_functions(function: str, found: bool) -> None:
    parsed = parse_service_uri(f"{HEAD}lambda:{INVOKED.format(function)}")
    assert parsed is not None
    assert parsed.function == (function if found else None)


@pytest.mark.parametrize(
    "target",
    ["path/2015-03-31/functions/x", "action/Invoke", f"path/2021-11-15/functions/{FUNCTION}/invocations"],
)
def test_targets_that_invoke_nothing(target: str) -> None:
    parsed = parse_service_uri(f"{HEAD}lambda:{target}")
    assert parsed is not None
    assert parsed.function is None


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        (f"{HEAD}s3:path/b/k", None),
        (f"{HEAD}runtime.sagemaker:path/endpoints/e/invocations", None),
        (
            f"{HEAD}sqs:action/SendMessage",
            "Integrations by action are not implemented: use the service's path",
        ),
        (
            f"{HEAD}execute-api:path/prod",
            "An API cannot stand behind an API as an AWS service: use its URL",
        ),
        (
            f"{HEAD}abc.execute-api:path/prod",
            "An API cannot stand behind an API as an AWS service: use its URL",
        ),
        (f"{HEAD}s3:b/k", "Invalid ARN specified in the request"),
        ("http://h/", "Invalid ARN specified in the request"),
    ],
)
def test_what_cannot_be_carried_out(uri: str, fault: str | None) -> None:
    assert fault_of_service_uri(uri) == fault
