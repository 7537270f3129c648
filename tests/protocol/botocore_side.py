"""The other end of the wire: botocore's own serializers and parsers, the oracle of these tests."""

from __future__ import annotations

import io
from functools import cache
from typing import Any
from urllib.parse import urlencode

import botocore.model
import botocore.parsers
import botocore.serialize
from botocore.awsrequest import HeadersDict
from botocore.compat import urlsplit
from botocore.loaders import Loader

from sagehen.protocol.http import HttpRequest, HttpResponse
from sagehen.protocol.models.catalog import Catalog

SERVICES = (
    "s3",
    "sagemaker",
    "sagemaker-runtime",
    "iam",
    "sts",
    "logs",
    "cloudwatch",
    "ec2",
    "lambda",
    "apigateway",
    "application-autoscaling",
)
CATALOG = Catalog(SERVICES)

# (service, protocol, operation): everything that any client could send.
CASES = [
    (service, protocol, operation)
    for service in SERVICES
    for protocol in CATALOG.service(service).protocols
    for operation in CATALOG.operation_names(service)
]


@cache
def service_model(service: str) -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(Loader().load_service_model(service, "service-2"), service)


def write_request(service: str, protocol: str, operation: str, values: dict[str, Any]) -> HttpRequest:
    """What botocore would send, before signing."""
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    written = serializer.serialize_to_request(values, service_model(service).operation_model(operation))
    url = urlsplit(written["url_path"])
    query = written["query_string"]
    encoded = "&".join(part for part in (url.query, urlencode(query, doseq=True)) if part)
    body = written["body"]
    return HttpRequest(
        method=written["method"],
        path=url.path,
        query=encoded,
        headers={name.lower(): str(value) for name, value in written["headers"].items()},
        body=urlencode(body).encode() if isinstance(body, dict) else body,
    )


def read_response(service: str, protocol: str, operation: str, response: HttpResponse) -> dict[str, Any]:
    """What botocore's callers would get, ResponseMetadata included."""
    model = service_model(service).operation_model(operation)
    body: Any = response.body
    if response.status < 301 and model.has_streaming_output:
        body = io.BytesIO(body)
    parser = botocore.parsers.create_parser(protocol)
    raw = {"status_code": response.status, "headers": HeadersDict(response.headers), "body": body}
    parsed: dict[str, Any] = parser.parse(raw, model.output_shape)
    return parsed


def read_modelled_error(service: str, protocol: str, code: str, response: HttpResponse) -> dict[str, Any]:
    """The members of an error's shape, as botocore's client adds them to the exception."""
    parser = botocore.parsers.create_parser(protocol)
    shape = service_model(service).shape_for(code)
    raw = {"status_code": response.status, "headers": HeadersDict(response.headers), "body": response.body}
    parsed: dict[str, Any] = parser.parse(raw, shape)
    return parsed
