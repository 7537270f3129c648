"""The types of what an import made. Other operations get theirs checked by the service's model."""

from __future__ import annotations

from typing import Any

from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.errors import BadRequestException

# A type, a list of one element type, or a map from texts to one value type.
Shape = Any

TEXTS: Shape = {str: str}
SETTINGS: dict[str, Shape] = {
    "name": str,
    "description": str,
    "version": str,
    "apiKeySource": str,
    "binaryMediaTypes": [str],
    "minimumCompressionSize": int,
    "disableExecuteApiEndpoint": bool,
}
ENDPOINT: dict[str, Shape] = {"types": [str], "ipAddressType": str, "vpcEndpointIds": [str]}
METHOD: dict[str, Shape] = {
    "authorizationType": str,
    "apiKeyRequired": bool,
    "authorizationScopes": [str],
    "operationName": str,
    "requestParameters": {str: bool},
    "requestModels": TEXTS,
    "requestValidatorId": str,
}
METHOD_RESPONSE: dict[str, Shape] = {"responseParameters": {str: bool}, "responseModels": TEXTS}
INTEGRATION: dict[str, Shape] = {
    "type": str,
    "httpMethod": str,
    "uri": str,
    "credentials": str,
    "connectionType": str,
    "connectionId": str,
    "passthroughBehavior": str,
    "contentHandling": str,
    "timeoutInMillis": int,
    "cacheNamespace": str,
    "cacheKeyParameters": [str],
    "requestParameters": TEXTS,
    "requestTemplates": TEXTS,
    "responseTransferMode": str,
    "tlsConfig": {str: bool},
}
INTEGRATION_RESPONSE: dict[str, Shape] = {
    "statusCode": str,
    "selectionPattern": str,
    "contentHandling": str,
    "responseParameters": TEXTS,
    "responseTemplates": TEXTS,
}
GATEWAY_RESPONSE: dict[str, Shape] = {
    "statusCode": str,
    "responseParameters": TEXTS,
    "responseTemplates": TEXTS,
}
AUTHORIZER: dict[str, Shape] = {
    "name": str,
    "type": str,
    "authType": str,
    "authorizerUri": str,
    "authorizerCredentials": str,
    "identitySource": str,
    "identityValidationExpression": str,
    "authorizerResultTtlInSeconds": int,
}


def check_shape(document: Document, shapes: dict[str, Shape]) -> None:
    """Check the members of a document that are there.

    Raises:
        BadRequestException: One is of another type.
    """
    for member, shape in shapes.items():
        if member in document and not _fits(document[member], shape):
            raise BadRequestException(f"Invalid OpenAPI input: {member} is of the wrong type")


def _fits(value: Any, shape: Shape) -> bool:
    if isinstance(shape, list):
        return isinstance(value, list) and all(_fits(one, shape[0]) for one in value)
    if isinstance(shape, dict):
        [(_, of)] = shape.items()
        return isinstance(value, dict) and all(
            isinstance(key, str) and _fits(one, of) for key, one in value.items()
        )
    if shape is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    return isinstance(value, shape)
