"""GatewayFailure: what the API itself says no with, one kind per type of gateway response.

Exception
├── GatewayFailure       answered as the API's gateway response of that type
└── ConfigurationError   the API's own configuration cannot be carried out (a template, a mapping);
                         the pipeline turns it into API_CONFIGURATION_ERROR

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FailureKind:
    """What a type of gateway response is by default.

    Args:
        status: HTTP status; 0 for the two that only stand in for others.
        message: AWS's text; None is sent as JSON null.
        error_type: Of the header x-amzn-ErrorType.
    """

    status: int
    message: str | None
    error_type: str


_SERVER = "InternalServerErrorException"
# Types and statuses are documented; messages and error types are recorded of those that public tests
# met, else from memory.
KINDS: dict[str, FailureKind] = {
    "ACCESS_DENIED": FailureKind(
        403, "User is not authorized to access this resource", "AccessDeniedException"
    ),
    "API_CONFIGURATION_ERROR": FailureKind(500, "Internal server error", _SERVER),
    "AUTHORIZER_CONFIGURATION_ERROR": FailureKind(500, None, "AuthorizerConfigurationException"),
    "AUTHORIZER_FAILURE": FailureKind(500, None, _SERVER),
    "BAD_REQUEST_BODY": FailureKind(400, "Invalid request body", "BadRequestException"),
    "BAD_REQUEST_PARAMETERS": FailureKind(400, "Invalid request parameters", "BadRequestException"),
    "DEFAULT_4XX": FailureKind(0, "Forbidden", "ForbiddenException"),
    "DEFAULT_5XX": FailureKind(0, "Internal server error", _SERVER),
    "EXPIRED_TOKEN": FailureKind(
        403, "The security token included in the request is expired", "ExpiredTokenException"
    ),
    "INTEGRATION_FAILURE": FailureKind(504, "Internal server error", _SERVER),
    "INTEGRATION_TIMEOUT": FailureKind(504, "Endpoint request timed out", _SERVER),
    "INVALID_API_KEY": FailureKind(403, "Forbidden", "ForbiddenException"),
    "INVALID_SIGNATURE": FailureKind(403, None, "InvalidSignatureException"),
    "MISSING_AUTHENTICATION_TOKEN": FailureKind(
        403, "Missing Authentication Token", "MissingAuthenticationTokenException"
    ),
    "QUOTA_EXCEEDED": FailureKind(429, "Limit Exceeded", "LimitExceededException"),
    "REQUEST_TOO_LARGE": FailureKind(
        413, "HTTP content length exceeded 10485760 bytes.", "RequestTooLargeException"
    ),
    "RESOURCE_NOT_FOUND": FailureKind(404, "Not Found", "NotFoundException"),
    "THROTTLED": FailureKind(429, "Too Many Requests", "TooManyRequestsException"),
    "UNAUTHORIZED": FailureKind(401, "Unauthorized", "UnauthorizedException"),
    "UNSUPPORTED_MEDIA_TYPE": FailureKind(415, "Unsupported Media Type", "BadRequestException"),
    "WAF_FILTERED": FailureKind(403, "Forbidden", "ForbiddenException"),
}


class GatewayFailure(Exception):
    """Ends a request with a gateway response.

    Args:
        response_type: A key of `KINDS`.
        message: In place of the kind's own.
        status: In place of the kind's own (`INTEGRATION_FAILURE` is 500 for a function without rights).
        error_type: In place of the kind's own.
        log: What the execution log says; the message unless given.
        validation: `$context.error.validationErrorString`.
    """

    def __init__(
        self,
        response_type: str,
        message: str | None = None,
        *,
        status: int | None = None,
        error_type: str | None = None,
        log: str = "",
        validation: str = "",
    ) -> None:
        kind = KINDS[response_type]
        super().__init__(response_type)
        self.response_type = response_type
        self.message = kind.message if message is None else message
        # The two families have no status of their own: it is the failure's (documented).
        self.status = status or kind.status or (500 if response_type == "DEFAULT_5XX" else 403)
        self.error_type = error_type or kind.error_type
        self.log = log or (self.message or "")
        self.validation = validation


class ConfigurationError(Exception):
    """A template or mapping of the API cannot be carried out; the message goes to the execution log."""
