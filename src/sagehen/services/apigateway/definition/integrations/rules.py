"""What an integration may be: checked when it is put, patched and imported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.apigateway.definition.mappings import (
    check_content_handling,
    check_content_types,
    check_request_mappings,
    nullify_empty_templates,
)
from sagehen.services.apigateway.definition.methods import HTTP_METHODS
from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.errors import BadRequestException
from sagehen.services.apigateway.service_uris import STREAMING, fault_of_service_uri, parse_service_uri

# Documented: PutIntegration, timeoutInMillis. On AWS a regional API may be given more by its owner's quota.
MIN_TIMEOUT_MS = 50
# As long as AWS's longest URLs; what it says of a longer one is not recorded.
_MAX_URI = 10_240
# The default is the maximum, too.
DEFAULT_TIMEOUT_MS = MAX_TIMEOUT_MS = 29_000
# Both documented: PutIntegration, type and passthroughBehavior.
TYPES = ("HTTP", "AWS", "MOCK", "HTTP_PROXY", "AWS_PROXY")
PASSTHROUGH = ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")

# An ARN has six parts at the least.
_ARN_COLONS = 5
_HOLE = re.compile(r"\$\{stageVariables\.[a-zA-Z0-9_]+\}")


def check_integration(document: Document, method: Document) -> None:
    """Check an integration as a whole, against the method that it belongs to.

    Raises:
        BadRequestException
        NotImplementedOperation: VPC links and response streaming.
    """
    if document["type"] not in TYPES:
        raise BadRequestException(f"Invalid integration type specified. Valid options are {','.join(TYPES)}")
    if document.get("connectionType") == "VPC_LINK" or document.get("connectionId"):
        raise NotImplementedOperation("VPC links are not built.")
    if document.get("responseTransferMode") == "STREAM":
        raise NotImplementedOperation("Response streaming is not built.")
    if document["passthroughBehavior"] not in PASSTHROUGH:
        raise BadRequestException(
            f"Invalid passthrough behavior specified. Valid options are {','.join(PASSTHROUGH)}"
        )
    if not MIN_TIMEOUT_MS <= document["timeoutInMillis"] <= MAX_TIMEOUT_MS:
        raise BadRequestException(f"Timeout should be between {MIN_TIMEOUT_MS} ms and {MAX_TIMEOUT_MS} ms")
    # Most words of what follows are recorded; those of a verb, a function and a URI's length are from memory.
    if document["type"] != "MOCK":
        if not document.get("httpMethod"):
            raise BadRequestException("Enumeration value for HttpMethod must be non-empty")
        if document["httpMethod"] not in HTTP_METHODS:
            raise BadRequestException(
                f"Invalid HttpMethod specified. Valid options are {','.join(HTTP_METHODS)}"
            )
        _check_uri(document)
    check_content_handling(document)
    check_content_types(document.get("requestTemplates", {}))
    nullify_empty_templates(document, "requestTemplates")
    declared = method.get("requestParameters", {})
    check_request_mappings(document.get("requestParameters", {}), declared)
    for parameter in document.get("cacheKeyParameters", ()):
        _check_cache_key(parameter, document, declared)


def _check_uri(document: Document) -> None:
    uri = document.get("uri") or ""
    if len(uri) > _MAX_URI:
        raise BadRequestException(f"Invalid integration URI specified: it exceeds {_MAX_URI} characters")
    if document["type"] in ("HTTP", "HTTP_PROXY"):
        if not _is_web_address(_HOLE.sub("x", uri)):
            raise BadRequestException("Invalid HTTP endpoint specified for URI")
        return
    service_uri = parse_service_uri(uri)
    if service_uri is None and uri.startswith("arn:") and uri.count(":") >= _ARN_COLONS:
        raise BadRequestException("AWS ARN for integration must contain path or action")
    if service_uri is None:
        raise BadRequestException("Invalid ARN specified in the request")
    if not service_uri.target.startswith(("path/", "action/")):
        raise BadRequestException("AWS ARN for integration must contain path or action")
    if service_uri.target.startswith(STREAMING):
        raise NotImplementedOperation("Response streaming is not built.")
    if service_uri.service == "lambda":
        if service_uri.function is None:
            raise BadRequestException("Invalid lambda function")
    elif document["type"] == "AWS_PROXY":
        raise BadRequestException(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream"
            " invocations."
        )
    elif not document.get("credentials"):
        raise BadRequestException("Role ARN must be specified for AWS integrations")
    elif (fault := fault_of_service_uri(uri)) is not None:
        raise NotImplementedOperation(fault)


def _is_web_address(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:  # `http://[`
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _check_cache_key(parameter: str, document: Document, declared: Mapping[str, Any]) -> None:
    known = parameter in declared or parameter in document.get("requestParameters", {})
    if not known:
        raise BadRequestException(f"Invalid cache key parameter specified: {parameter}")
