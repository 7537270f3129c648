"""`x-amazon-apigateway-integration`, read and written.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
"""

from __future__ import annotations

from typing import Any

from sagehen.services.apigateway.definition.integrations.operations import new_integration
from sagehen.services.apigateway.definition.integrations.rules import DEFAULT_TIMEOUT_MS
from sagehen.services.apigateway.documents.definition import Document, given
from sagehen.services.apigateway.errors import BadRequestException

KEY = "x-amazon-apigateway-integration"
# Documented: x-amazon-apigateway-integration.responses: the key of the one without a pattern.
_DEFAULT = "default"


def read_integration(described: Document, resource_id: str) -> Document:
    """Return the Integration structure, responses included.

    Raises:
        BadRequestException: A malformed member.
    """
    if not isinstance(described, dict) or "type" not in described:
        raise BadRequestException("Integration type must be specified")
    request: dict[str, Any] = {
        # Documented: in documents types and behaviours are spelled in lower case.
        "type": str(described["type"]).upper(),
        "integrationHttpMethod": described.get("httpMethod"),
        "passthroughBehavior": str(described.get("passthroughBehavior", "when_no_match")).upper(),
        "timeoutInMillis": _timeout(described.get("timeoutInMillis")),
    }
    request |= given(
        described,
        "uri",
        "credentials",
        "cacheNamespace",
        "cacheKeyParameters",
        "connectionType",
        "connectionId",
        "contentHandling",
        "requestParameters",
        "requestTemplates",
        "tlsConfig",
        "responseTransferMode",
        empty=True,
    )
    if "timeoutInMillis" in request and request["timeoutInMillis"] is None:
        del request["timeoutInMillis"]
    integration = new_integration(request, resource_id)
    if responses := described.get("responses"):
        integration["integrationResponses"] = _responses(responses)
    return integration


def _timeout(value: Any) -> int | None:
    try:
        return None if value is None else int(value)
    except (TypeError, ValueError):
        raise BadRequestException(f"Invalid integration timeout specified: {value}") from None


def _responses(described: Document) -> Document:
    responses: Document = {}
    for pattern, response in described.items():
        # From memory: a response without a status is a 200.
        status = str(response.get("statusCode", "200"))
        document: Document = {"statusCode": status}
        if pattern != _DEFAULT:
            document["selectionPattern"] = pattern
        document |= given(response, "responseParameters", "responseTemplates", "contentHandling")
        responses[status] = document
    return responses


def written_integration(integration: Document) -> Document:
    """Return the extension's value of an Integration structure."""
    described: Document = {"type": integration["type"].lower()}
    for member in ("httpMethod", "uri", "credentials"):
        if member in integration:
            described[member] = integration[member]
    if responses := integration.get("integrationResponses"):
        described["responses"] = {}
        for status, response in responses.items():
            written: Document = {"statusCode": status}
            written |= given(response, "responseParameters", "responseTemplates", "contentHandling")
            described["responses"][response.get("selectionPattern") or _DEFAULT] = written
    described |= given(integration, "requestParameters", "requestTemplates", "contentHandling", "tlsConfig")
    described["passthroughBehavior"] = integration["passthroughBehavior"].lower()
    if integration["timeoutInMillis"] != DEFAULT_TIMEOUT_MS:  # the default is not told (recorded)
        described["timeoutInMillis"] = integration["timeoutInMillis"]
    if integration.get("cacheKeyParameters"):
        described["cacheNamespace"] = integration["cacheNamespace"]
        described["cacheKeyParameters"] = integration["cacheKeyParameters"]
    return described
