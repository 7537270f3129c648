"""What an authorizer may be."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.apigateway.definition.authorizers import check_authorizer
from sagehen.services.apigateway.errors import BadRequestException, ConflictException
from tests.unit.apigateway.conftest import Call, make_api

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:f"
URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
TOKEN = "method.request.header.Authorization"


def authorizer(kind: str, source: str | None, **members: Any) -> dict[str, Any]:
    return {"name": "a", "type": kind, "authorizerUri": URI, "identitySource": source, **members}


@pytest.mark.parametrize(
    "document",
    [
        authorizer("TOKEN", TOKEN),
        authorizer("TOKEN", TOKEN, identityValidationExpression="^Bearer [a-z]+$"),
        authorizer("TOKEN", TOKEN, authorizerResultTtlInSeconds=0),
        authorizer("TOKEN", TOKEN, authorizerResultTtlInSeconds=3600),
        authorizer("REQUEST", TOKEN),
        authorizer("REQUEST", f"{TOKEN}, method.request.querystring.q,stageVariables.v,context.httpMethod"),
        authorizer("REQUEST", None, authorizerResultTtlInSeconds=0),  # nothing is remembered by
        authorizer("REQUEST", "", authorizerResultTtlInSeconds=0),
    ],
)
def test_what_is_taken(document: dict[str, Any]) -> None:
    assert check_authorizer(document) is None


@pytest.mark.parametrize(
    ("document", "kind", "message"),
    [
        (
            authorizer("COGNITO_USER_POOLS", TOKEN),
            NotImplementedOperation,
            "COGNITO_USER_POOLS are not built",
        ),
        (authorizer("JWT", TOKEN), NotImplementedOperation, "JWT are not built"),
        (authorizer("TOKEN", TOKEN, name=""), BadRequestException, "Authorizer name cannot be empty"),
        (authorizer("TOKEN", TOKEN, authorizerUri=FUNCTION), BadRequestException, "Invalid Authorizer URI"),
        (authorizer("TOKEN", TOKEN, authorizerUri=None), BadRequestException, "Invalid Authorizer URI"),
        (
            authorizer("TOKEN", TOKEN, authorizerUri=URI.replace(":lambda:", ":s3:")),
            BadRequestException,
            "Invalid Authorizer URI",
        ),
        (
            authorizer("TOKEN", TOKEN, authorizerResultTtlInSeconds=-1),
            BadRequestException,
            "between 0 and 3600",
        ),
        (
            authorizer("TOKEN", TOKEN, authorizerResultTtlInSeconds=3601),
            BadRequestException,
            "between 0 and 3600",
        ),
        (authorizer("TOKEN", None), BadRequestException, "required for TOKEN authorizer"),
        (
            authorizer("TOKEN", None, authorizerResultTtlInSeconds=0),
            BadRequestException,
            "required for TOKEN authorizer",
        ),
        (authorizer("REQUEST", None), BadRequestException, "required for REQUEST authorizer with caching"),
        (authorizer("TOKEN", "method.request.querystring.q"), BadRequestException, ""),
        (authorizer("TOKEN", f"{TOKEN},{TOKEN}2"), BadRequestException, ""),
        (authorizer("REQUEST", "method.request.body"), BadRequestException, "Invalid identity source"),
        (
            authorizer("REQUEST", f"{TOKEN},header.a"),
            BadRequestException,
            "Invalid identity source: header.a",
        ),
        (
            authorizer("TOKEN", TOKEN, identityValidationExpression="("),
            BadRequestException,
            "Invalid identity validation expression",
        ),
    ],
)
def test_what_is_refused(document: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind) as raised:
        check_authorizer(document)
    assert message in str(getattr(raised.value, "message", ""))


async def test_what_methods_refer_to_is_not_deleted(call: Call) -> None:
    api_id, root_id = await make_api(call)
    where = {"restApiId": api_id, "resourceId": root_id, "httpMethod": "GET"}
    held = await call("CreateAuthorizer", **{**authorizer("TOKEN", TOKEN), "restApiId": api_id})
    checked = await call("CreateRequestValidator", restApiId=api_id, name="v")
    patches = {
        "/authorizationType": "CUSTOM",
        "/authorizerId": held["id"],
        "/requestValidatorId": checked["id"],
    }
    operations = [{"op": "replace", "path": path, "value": value} for path, value in patches.items()]
    await call("UpdateMethod", **where, patchOperations=operations)
    with pytest.raises(ConflictException) as raised:
        await call("DeleteAuthorizer", restApiId=api_id, authorizerId=held["id"])
    assert raised.value.message == (
        f"Cannot delete authorizer '{held['id']}', is referenced in method: //GET"
    )
    with pytest.raises(ConflictException) as raised:
        await call("DeleteRequestValidator", restApiId=api_id, requestValidatorId=checked["id"])
    assert raised.value.message == (
        f"Cannot delete request validator '{checked['id']}', is referenced in method request: //GET"
    )
    await call("DeleteMethod", **where)
    await call("DeleteAuthorizer", restApiId=api_id, authorizerId=held["id"])
    await call("DeleteRequestValidator", restApiId=api_id, requestValidatorId=checked["id"])
