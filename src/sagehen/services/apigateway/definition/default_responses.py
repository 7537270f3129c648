"""The gateway responses that every API has without asking: type -> status, and their template.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

from sagehen.services.apigateway.documents.definition import Document

# None: the two defaults take the status of what happened.
STATUS_CODES: dict[str, str | None] = {
    "ACCESS_DENIED": "403",
    "API_CONFIGURATION_ERROR": "500",
    "AUTHORIZER_CONFIGURATION_ERROR": "500",
    "AUTHORIZER_FAILURE": "500",
    "BAD_REQUEST_BODY": "400",
    "BAD_REQUEST_PARAMETERS": "400",
    "DEFAULT_4XX": None,
    "DEFAULT_5XX": None,
    "EXPIRED_TOKEN": "403",
    "INTEGRATION_FAILURE": "504",
    "INTEGRATION_TIMEOUT": "504",
    "INVALID_API_KEY": "403",
    "INVALID_SIGNATURE": "403",
    "MISSING_AUTHENTICATION_TOKEN": "403",
    "QUOTA_EXCEEDED": "429",
    "REQUEST_TOO_LARGE": "413",
    "RESOURCE_NOT_FOUND": "404",
    "THROTTLED": "429",
    "UNAUTHORIZED": "401",
    "UNSUPPORTED_MEDIA_TYPE": "415",
    "WAF_FILTERED": "403",
}

# Recorded of every default response.
TEMPLATE = '{"message":$context.error.messageString}'


def effective_response(defined: dict[str, Document], response_type: str) -> Document:
    """Return what an API answers for a type: its own response, its family's, or AWS's.

    A family (DEFAULT_4XX, DEFAULT_5XX) that the API defined speaks for each of its types that the
    API did not define; AWS shows those as defaults with the family's content.
    """
    if own := defined.get(response_type):
        return own
    default = default_response(response_type)
    family = defined.get(f"DEFAULT_{default.get('statusCode', '0')[0]}XX")
    return (
        {**default, **family, "responseType": response_type, "defaultResponse": True} if family else default
    )


def with_status(response: Document) -> Document:
    """Return a response as AWS shows it: with the status of its type where nobody gave it one.

    What is answered may be another one: an integration whose function may not be called fails with 500,
    though the type says 504 (recorded).
    """
    status = response.get("statusCode") or STATUS_CODES[response["responseType"]]
    return {**response, "statusCode": status} if status else response


def default_response(response_type: str) -> Document:
    """Return the GatewayResponse structure of a type as AWS made it."""
    document: Document = {
        "responseType": response_type,
        "responseParameters": {},
        "responseTemplates": {"application/json": TEMPLATE},
        "defaultResponse": True,
    }
    if status := STATUS_CODES[response_type]:
        document["statusCode"] = status
    return document
