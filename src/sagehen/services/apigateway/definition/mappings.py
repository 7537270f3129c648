"""Parameter mappings: what may stand on either side, and what the method must declare for it.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sagehen.services.apigateway.errors import BadRequestException, invalid_mapping

# A name of a header, query parameter or path parameter.
_NAME = r"[a-zA-Z0-9!#$%&'*+.^_`|~:\[\]@-]+"
_STATIC = r"'[^']*'(?:,'[^']*')*"
_ANYWHERE = rf"{_STATIC}|context\.[a-zA-Z0-9_.-]+|stageVariables\.[a-zA-Z0-9_]+"

METHOD_PARAMETER = re.compile(rf"method\.request\.(path|querystring|header)\.({_NAME})")
METHOD_RESPONSE_HEADER = re.compile(rf"method\.response\.header\.({_NAME})")
_INTEGRATION_PARAMETER = re.compile(rf"integration\.request\.(path|querystring|header)\.({_NAME})")
_GATEWAY_HEADER = re.compile(rf"gatewayresponse\.header\.({_NAME})")
_REQUEST_SOURCE = re.compile(
    rf"(?:{_ANYWHERE}|method\.request\.body(?:\..+)?"
    rf"|method\.request\.(?P<place>path|querystring|header|multivaluequerystring|multivalueheader)"
    rf"\.(?P<name>{_NAME}))"
)
_RESPONSE_SOURCE = re.compile(
    rf"(?:{_ANYWHERE}|integration\.response\.body(?:\..+)?"
    rf"|integration\.response\.(?:header|multivalueheader)\.{_NAME})"
)
_GATEWAY_SOURCE = re.compile(
    rf"(?:{_ANYWHERE}|method\.request\.body(?:\..+)?"
    rf"|method\.request\.(?:path|querystring|header|multivaluequerystring|multivalueheader)\.{_NAME})"
)


def _understood(grammar: re.Pattern[str], expression: str) -> re.Match[str]:
    match = grammar.fullmatch(expression)
    if match is None:
        raise invalid_mapping(f"Invalid mapping expression specified: {expression}")
    return match


def check_method_parameters(parameters: Mapping[str, Any]) -> None:
    """Check `requestParameters` of a method.

    Raises:
        BadRequestException: A malformed name, or one name in two places.
    """
    names: set[str] = set()
    for parameter in parameters:
        match = _understood(METHOD_PARAMETER, parameter)
        if match[2] in names:
            raise BadRequestException("Parameter names must be unique across querystring, header and path")
        names.add(match[2])


def check_method_response_parameters(parameters: Mapping[str, Any]) -> None:
    """Check `responseParameters` of a method response.

    Raises:
        BadRequestException
    """
    for parameter in parameters:
        _understood(METHOD_RESPONSE_HEADER, parameter)


def check_request_mappings(mappings: Mapping[str, str], declared: Mapping[str, Any]) -> None:
    """Check `requestParameters` of an integration against those that the method declares.

    Raises:
        BadRequestException
    """
    for target, source in mappings.items():
        _understood(_INTEGRATION_PARAMETER, target)
        match = _understood(_REQUEST_SOURCE, source)
        if match["place"] is not None:
            place = match["place"].removeprefix("multivalue")
            if f"method.request.{place}.{match['name']}" not in declared:
                raise invalid_mapping(f"Invalid mapping expression parameter specified: {source}")


def check_response_mappings(mappings: Mapping[str, str], declared: Mapping[str, Any]) -> None:
    """Check `responseParameters` of an integration response against the method response's.

    Raises:
        BadRequestException
    """
    for target, source in mappings.items():
        _understood(METHOD_RESPONSE_HEADER, target)
        if target not in declared:
            raise invalid_mapping(f"Invalid mapping expression parameter specified: {target}")
        _understood(_RESPONSE_SOURCE, source)


def check_gateway_mappings(mappings: Mapping[str, str]) -> None:
    """Check `responseParameters` of a gateway response.

    Raises:
        BadRequestException
    """
    for target, source in mappings.items():
        _understood(_GATEWAY_HEADER, target)
        _understood(_GATEWAY_SOURCE, source)


def check_content_handling(document: Mapping[str, Any]) -> None:
    """Check `contentHandling` of an integration or an integration response.

    Raises:
        BadRequestException
    """
    if document.get("contentHandling") not in (None, "CONVERT_TO_BINARY", "CONVERT_TO_TEXT"):
        raise BadRequestException(
            "Invalid content handling specified. Valid options are CONVERT_TO_BINARY,CONVERT_TO_TEXT"
        )


def nullify_empty_templates(document: dict[str, Any], member: str) -> None:
    """Store an empty mapping template as null, as AWS does: it passes the body through.

    Terraform's usual way to write "no template" is the empty text.
    """
    if templates := document.get(member):
        document[member] = {content_type: text or None for content_type, text in templates.items()}


def check_content_types(templates: Mapping[str, Any]) -> None:
    """Check the keys of templates and models: media types, or `$default`.

    Raises:
        BadRequestException
    """
    for content_type in templates:
        if "/" not in content_type and content_type != "$default":
            raise BadRequestException(
                f"Validation Result: warnings : [], errors : [Invalid content type specified: {content_type}]"
            )
