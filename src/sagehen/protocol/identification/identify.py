"""identify: which service and operation a request is for, and in which protocol it speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from sagehen.protocol.errors import (
    IdentificationError,
    InvalidAction,
    MethodNotAllowed,
    MissingAction,
    UnknownOperationException,
)
from sagehen.protocol.identification.host_names import aws_prefix, local_prefix
from sagehen.protocol.identification.routes import routes_of
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.models.description import Operation, ServiceDescription

_FORM = "application/x-www-form-urlencoded"
# Smithy RPC v2 CBOR, its request's URI: a prefix may stand before it.
_RPC_PATH = re.compile(r"(?:/.*)?/service/([^/]+)/operation/([^/]+)")
# Names that S3's family signs with besides its own.
_SIGNING_ALIASES = {"s3express": "s3", "s3-outposts": "s3", "s3-object-lambda": "s3"}


@dataclass(frozen=True, slots=True)
class Identified:
    """What a request asks for.

    Args:
        operation: Its model; `operation.service` and `operation.streams_input` too.
        protocol: The one that the request is written in; the answer uses the same.
        path_parameters: Percent-decoded values of the route's `{holes}`, by wire name.
        query_mode: The client wants the query protocol's error codes (`x-amzn-query-mode`).
    """

    operation: Operation
    protocol: str
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    query_mode: bool = False

    @property
    def service(self) -> ServiceDescription:
        return self.operation.service


def is_s3_control(path: str, headers: Mapping[str, str], host: str) -> bool:
    """Tell whether a request is S3 Control's, which signs as S3 does and has paths like a bucket's.

    Its clients name the account in a header, and put it before the host.
    """
    if not path.startswith("/v20180820/"):
        return False
    labels = host.lower().split(".")
    return "x-amz-account-id" in headers or "s3-control" in labels[:2]


def rpc_name(path: str, headers: Mapping[str, str]) -> str | None:
    """Return what a request's X-Amz-Target, or its rpc-v2-cbor path, calls the service; None without."""
    target = headers.get("x-amz-target")
    if target:
        return target.rpartition(".")[0]
    matched = _RPC_PATH.fullmatch(path) if headers.get("smithy-protocol") == "rpc-v2-cbor" else None
    return matched[1] if matched else None


# Longer than any operation's name.
_FIELD = 256


def needs_body(method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether the body must be read before `identify`: a form may carry Action."""
    return method == "POST" and headers.get("content-type", "").startswith(_FORM)


def identify(
    catalog: Catalog,
    *,
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    signing_name: str | None,
    host: str = "",
    body: bytes = b"",
) -> Identified:
    """Find the operation.

    Args:
        catalog: The services to choose from.
        method: Upper case.
        path: As sent, percent-encoded; begins with `/`. Path-style for S3 (the caller has put the
            bucket of a virtual host in front, see `host_names.s3_host`).
        query: As sent, without `?`.
        headers: Lower-case names.
        signing_name: The service in the credential scope; None for unsigned requests.
        host: Without port.
        body: The whole body where `needs_body` says so.

    Raises:
        UnknownOperationException: No such operation in the JSON and REST services (404).
        InvalidAction: No such Action in the query services (400).
        MethodNotAllowed: S3 has no such operation (405).
        MissingAction: A query service was called without Action (400).
    """
    query_mode = headers.get("x-amzn-query-mode", "").lower() == "true"
    rpc = _rpc(catalog, path, headers)
    if rpc is not None:
        service, name, protocol = rpc
        if name in service.operation_names():
            return Identified(service.operation(name), protocol, query_mode=query_mode)
        raise UnknownOperationException(
            f"Unknown operation {name}.", service=service, protocol=protocol
        ) from None
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    form = body if needs_body(method, headers) else b""
    action, version = (_field(form, key) or parameters.get(key) for key in ("Action", "Version"))
    if is_s3_control(path, headers, host):
        candidates: Sequence[ServiceDescription] = [
            catalog.service(name) for name in ("s3control", "s3") if name in catalog.names
        ][:1]
    else:
        candidates = _candidates(catalog, signing_name, host, action, version)
    for service in candidates:
        found = _in_service(service, method, path, parameters, headers, action)
        if found is not None:
            return found
    raise _unknown(candidates[0], method, action, version)


def _field(form: bytes, name: str) -> str:
    """Return a field of a form, the last of its name; parsed is the form when its sender is known."""
    mark = f"{name}=".encode()
    at = form.rfind(b"&" + mark)
    start = at + 1 if at >= 0 else 0
    if at < 0 and not form.startswith(mark):
        return ""
    start += len(mark)
    end = form.find(b"&", start)
    value = form[start : end if end >= 0 else len(form)][:_FIELD]
    return unquote_plus(value.decode("latin-1"), errors="replace")


def _rpc(
    catalog: Catalog, path: str, headers: Mapping[str, str]
) -> tuple[ServiceDescription, str, str] | None:
    """Read what names both service and operation: X-Amz-Target, or the path of rpc-v2-cbor."""
    target = headers.get("x-amz-target")
    if target:
        prefix, _, name = target.rpartition(".")
        service = catalog.by_target_prefix(prefix)
        return (service, name, "json") if service else None
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        matched = _RPC_PATH.fullmatch(path)
        service = catalog.by_target_prefix(matched[1]) if matched else None
        return (service, matched[2], "smithy-rpc-v2-cbor") if service and matched else None
    return None


def _candidates(
    catalog: Catalog, signing_name: str | None, host: str, action: str | None, version: str | None
) -> Sequence[ServiceDescription]:
    """The services it could be for, most likely first; never empty."""
    names: tuple[str, ...] = ()
    if signing_name is not None:
        names = catalog.by_signing_name(_SIGNING_ALIASES.get(signing_name, signing_name))
    for prefix in _host_prefixes(host):
        names = names or catalog.by_endpoint_prefix(prefix)
    if version:
        same_version = catalog.by_api_version(version)
        names = names or tuple(name for name in same_version if action in catalog.operation_names(name))
        # One signing name, several query services (elasticloadbalancing): the version decides.
        names = tuple(sorted(names, key=lambda name: name not in same_version))
    names = names or (("s3",) if "s3" in catalog.names else catalog.names[:1])
    return [catalog.service(name) for name in names]


def _host_prefixes(host: str) -> Iterator[str]:
    prefix = aws_prefix(host) or local_prefix(host)
    if prefix:
        labels = prefix.split(".")
        yield ".".join(labels[:2])  # api.sagemaker, runtime.sagemaker
        yield labels[0]
        yield from labels[1:2]  # <id>.execute-api, <bucket>.s3


def _in_service(
    service: ServiceDescription,
    method: str,
    path: str,
    parameters: Mapping[str, str],
    headers: Mapping[str, str],
    action: str | None,
) -> Identified | None:
    protocols = service.protocols
    for protocol in ("query", "ec2"):
        if protocol in protocols and action in service.operation_names():
            return Identified(service.operation(action), protocol)
    for protocol in ("rest-json", "rest-xml"):
        if protocol in protocols:
            matched = routes_of(service).match(method, path, parameters, headers)
            if matched is not None:
                name, holes = matched
                return Identified(service.operation(name), protocol, holes)
    return None


def _unknown(
    service: ServiceDescription, method: str, action: str | None, version: str | None
) -> IdentificationError:
    protocols = service.protocols
    for protocol in ("query", "ec2"):
        if protocol in protocols and action:
            text = f"Could not find operation {action} for version {version or 'NO_VERSION_SPECIFIED'}"
            return InvalidAction(text, service=service, protocol=protocol)
        if protocols[0] == protocol:
            text = "Missing Action"
            return MissingAction(text, service=service, protocol=protocol)
    if "rest-xml" in protocols:
        text = "The specified method is not allowed against this resource."
        return MethodNotAllowed(text, service=service, protocol="rest-xml")
    return UnknownOperationException("Unknown operation.", service=service, protocol=protocols[0])
