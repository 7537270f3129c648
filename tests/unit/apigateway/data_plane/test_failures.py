"""What an API says no with: both planes name the same types, with the same statuses."""

from __future__ import annotations

import pytest

from sagehen.services.apigateway.data_plane.failures import KINDS, GatewayFailure
from sagehen.services.apigateway.definition.default_responses import (
    STATUS_CODES,
    TEMPLATE,
    effective_response,
    with_status,
)


@pytest.mark.parametrize("response_type", STATUS_CODES)
def test_both_planes_agree(response_type: str) -> None:
    assert str(KINDS[response_type].status or None) == str(STATUS_CODES[response_type])
    assert KINDS.keys() == STATUS_CODES.keys()


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (GatewayFailure("THROTTLED"), (429, "Too Many Requests", "TooManyRequestsException")),
        (GatewayFailure("DEFAULT_4XX"), (403, "Forbidden", "ForbiddenException")),
        (GatewayFailure("DEFAULT_5XX"), (500, "Internal server error", "InternalServerErrorException")),
        (
            GatewayFailure("INTEGRATION_FAILURE"),
            (504, "Internal server error", "InternalServerErrorException"),
        ),
        (
            GatewayFailure("INTEGRATION_FAILURE", status=500),
            (500, "Internal server error", "InternalServerErrorException"),
        ),
        (GatewayFailure("AUTHORIZER_FAILURE"), (500, None, "InternalServerErrorException")),
        (
            GatewayFailure("DEFAULT_4XX", "Long", status=414, error_type="X"),
            (414, "Long", "X"),
        ),
        (GatewayFailure("UNAUTHORIZED", ""), (401, "", "UnauthorizedException")),
    ],
)
def test_what_a_failure_says(failure: GatewayFailure, said: tuple[int, str | None, str]) -> None:
    assert (failure.status, failure.message, failure.error_type) == said


OWN = {"responseType": "THROTTLED", "statusCode": "420", "defaultResponse": False}
FAMILY = {"responseType": "DEFAULT_4XX", "statusCode": "499", "defaultResponse": False}
BARE = {"responseType": "DEFAULT_4XX", "defaultResponse": False}


@pytest.mark.parametrize(
    ("defined", "response_type", "status", "is_default"),
    [
        ({}, "THROTTLED", "429", True),
        ({}, "DEFAULT_4XX", None, True),
        ({"THROTTLED": OWN}, "THROTTLED", "420", False),
        ({"THROTTLED": OWN}, "QUOTA_EXCEEDED", "429", True),
        # A family speaks for those of its types that the API did not define.
        ({"DEFAULT_4XX": FAMILY}, "QUOTA_EXCEEDED", "499", True),
        ({"DEFAULT_4XX": FAMILY}, "DEFAULT_4XX", "499", False),
        ({"DEFAULT_4XX": FAMILY}, "INTEGRATION_FAILURE", "504", True),
        ({"DEFAULT_4XX": FAMILY, "THROTTLED": OWN}, "THROTTLED", "420", False),
        ({"DEFAULT_4XX": FAMILY}, "DEFAULT_5XX", None, True),
        ({"DEFAULT_4XX": BARE}, "THROTTLED", "429", True),
    ],
)
def test_whose_response_counts(
    defined: dict[str, dict[str, object]], response_type: str, status: str | None, is_default: bool
) -> None:
    found = with_status(effective_response(defined, response_type))
    assert found["responseType"] == response_type
    assert (found.get("statusCode"), found["defaultResponse"]) == (status, is_default)
    if not defined:
        assert found["responseTemplates"] == {"application/json": TEMPLATE}
