"""Our serializer writes errors, botocore's parser reads code, text, status and members."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.protocol.writing.serialize import serialize_error
from tests.protocol.botocore_side import CATALOG, SERVICES, read_modelled_error, read_response
from tests.protocol.shapes import for_a_few, pruned

ERRORS = [
    (service, protocol, shape.name)
    for service in SERVICES
    for protocol in CATALOG.service(service).protocols
    for shape in dict.fromkeys(CATALOG.service(service).errors.values())
]


@pytest.mark.parametrize(("service", "protocol", "name"), ERRORS)
def test_modelled_errors(service: str, protocol: str, name: str) -> None:
    description = CATALOG.service(service)
    shape = description.errors[name]
    modelled = shape.traits.get("error", {})
    xml = protocol in ("query", "ec2", "rest-xml")

    def check(drawn: dict[str, Any]) -> None:
        members = {key: value for key, value in drawn.items() if key.lower() not in ("message", "code")}
        error = ServiceError("It is <so>.", **members)
        error.code = name  # type: ignore[misc]
        response = serialize_error(description, protocol, error, request_id="request-1")

        assert response.status == modelled.get("httpStatusCode", 500 if shape.traits.get("fault") else 400)
        parsed = read_response(service, protocol, description.operation_names()[0], response)
        query_codes = xml or (description.query_compatible and protocol != "rest-json")
        assert parsed["Error"]["Code"] == (modelled.get("code", name) if query_codes else name)
        assert parsed["Error"]["Message"] == "It is <so>."
        assert parsed["ResponseMetadata"]["RequestId"] == "request-1"
        if not xml:
            read = read_modelled_error(service, protocol, name, response)
            assert pruned(members).items() <= pruned(read).items()

    for_a_few(shape, check)


@pytest.mark.parametrize("service", SERVICES)
def test_unmodelled_errors(service: str) -> None:
    class ThrottlingOfAKind(ServiceError):
        status = 429

    description = CATALOG.service(service)
    for protocol in description.protocols:
        response = serialize_error(description, protocol, ThrottlingOfAKind("Slow down"), request_id="r")
        parsed = read_response(service, protocol, description.operation_names()[0], response)
        assert response.status == 429
        assert (parsed["Error"]["Code"], parsed["Error"]["Message"]) == ("ThrottlingOfAKind", "Slow down")
