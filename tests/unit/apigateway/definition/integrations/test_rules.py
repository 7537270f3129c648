"""What an integration may be: the cases that no client is needed for."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.apigateway.definition.integrations.operations import new_integration
from sagehen.services.apigateway.definition.integrations.rules import check_integration
from sagehen.services.apigateway.errors import BadRequestException

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:f"
HEAD = "arn:aws:apigateway:us-east-1:"
LAMBDA = f"{HEAD}lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
ROLE = "arn:aws:iam::111122223333:role/r"


def asked(kind: str, uri: str | None = None, **members: Any) -> dict[str, Any]:
    return {"type": kind, "integrationHttpMethod": "POST", "uri": uri, **members}


@pytest.mark.parametrize(
    ("request_", "stored"),
    [
        # Defaults are filled in; what a kind has no use for is left out.
        (
            {"type": "MOCK"},
            {"passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000, "cacheNamespace": "resource"},
        ),
        (asked("MOCK", "http://h/"), {"uri": None, "connectionType": None}),
        (asked("HTTP", "http://h/"), {"connectionType": "INTERNET", "httpMethod": "POST"}),
        (asked("HTTP_PROXY", "https://h/{proxy}?a={b}"), {"connectionType": "INTERNET"}),
        (asked("HTTP", "http://${stageVariables.host}/a"), {}),
        (asked("HTTP", "https://h/", cacheNamespace="n"), {"cacheNamespace": "n"}),
        (asked("AWS", LAMBDA), {"connectionType": None}),
        (asked("AWS_PROXY", LAMBDA, timeoutInMillis=50), {"timeoutInMillis": 50}),
        (asked("AWS_PROXY", LAMBDA, integrationHttpMethod="ANY"), {"httpMethod": "ANY"}),
        (asked("AWS", f"{HEAD}s3:path/b/k", credentials=ROLE), {"credentials": ROLE}),
        (asked("MOCK", requestTemplates={"a/b": ""}), {"requestTemplates": {"a/b": None}}),
        (
            asked("HTTP", "http://h/", cacheKeyParameters=["method.request.path.id"]),
            {"cacheKeyParameters": ["method.request.path.id"]},
        ),
    ],
)
def test_what_is_taken(request_: dict[str, Any], stored: dict[str, Any]) -> None:
    document = new_integration(request_, "resource")
    check_integration(document, {"requestParameters": {"method.request.path.id": True}})
    assert {member: document.get(member) for member in stored} == stored


_PROXIED = (
    "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream"
    " invocations."
)


@pytest.mark.parametrize(
    ("request_", "kind", "message"),
    [
        (
            asked("FTP", "ftp://h/"),
            BadRequestException,
            "Invalid integration type specified. Valid options are HTTP,AWS,MOCK,HTTP_PROXY,AWS_PROXY",
        ),
        (
            asked("HTTP", "http://h/", integrationHttpMethod="FETCH"),
            BadRequestException,
            "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
        ),
        (
            asked("MOCK", passthroughBehavior="ALWAYS"),
            BadRequestException,
            "Invalid passthrough behavior specified. Valid options are WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER",
        ),
        *(
            (
                asked("MOCK", timeoutInMillis=timeout),
                BadRequestException,
                "Timeout should be between 50 ms and 29000 ms",
            )
            for timeout in (0, 49, 29_001)
        ),
        *(
            (asked("HTTP", uri), BadRequestException, "Invalid HTTP endpoint specified for URI")
            for uri in (None, "h", "ftp://h/", "http://", "http:///a")
        ),
        (asked("AWS", None), BadRequestException, "Invalid ARN specified in the request"),
        (
            asked("AWS", "arn:aws:s3:::b"),
            BadRequestException,
            "AWS ARN for integration must contain path or action",
        ),
        (
            asked("AWS", f"{HEAD}s3:b"),
            BadRequestException,
            "AWS ARN for integration must contain path or action",
        ),
        (asked("AWS", f"{HEAD}lambda:path/x"), BadRequestException, "Invalid lambda function"),
        (asked("AWS_PROXY", f"{HEAD}s3:path/b", credentials=ROLE), BadRequestException, _PROXIED),
        (
            asked("AWS", f"{HEAD}s3:path/b"),
            BadRequestException,
            "Role ARN must be specified for AWS integrations",
        ),
        (
            asked("AWS", f"{HEAD}sqs:action/SendMessage", credentials=ROLE),
            NotImplementedOperation,
            "Integrations by action are not implemented: use the service's path",
        ),
        (
            asked("AWS_PROXY", LAMBDA.replace("2015-03-31", "2021-11-15")),
            NotImplementedOperation,
            "Response streaming is not built.",
        ),
        (
            asked("HTTP", "http://h/", responseTransferMode="STREAM"),
            NotImplementedOperation,
            "Response streaming is not built.",
        ),
        (
            asked("HTTP", "http://h/", connectionType="VPC_LINK"),
            NotImplementedOperation,
            "VPC links are not built.",
        ),
        (
            asked("MOCK", contentHandling="CONVERT"),
            BadRequestException,
            "Invalid content handling specified. Valid options are CONVERT_TO_BINARY,CONVERT_TO_TEXT",
        ),
        (
            asked("HTTP", "http://h/", cacheKeyParameters=["method.request.path.no"]),
            BadRequestException,
            "Invalid cache key parameter specified: method.request.path.no",
        ),
    ],
)
def test_what_is_refused(request_: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as raised:
        check_integration(new_integration(request_, "resource"), {})
    assert str(getattr(raised.value, "message", "")) == message
