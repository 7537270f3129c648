"""The steps of a request whose operation is known.

authenticate -> body -> parse -> validate -> authorize -> dispatch -> serialize
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ParamSpec, TypeVar

from sagehen.api.bounded.budget import TooBusy, in_thread
from sagehen.api.context import RequestContext
from sagehen.api.operation import BoundOperation, Reply
from sagehen.api.streams import BodyStream
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.storage.buckets import BucketDirectory
from sagehen.domain.scope import Scope
from sagehen.gateway.chain.trace import Trace
from sagehen.gateway.operations.authorize import authorize
from sagehen.gateway.operations.table import Called, OperationTable
from sagehen.gateway.requests import refusals
from sagehen.gateway.requests.body import (
    BufferedBody,
    RequestEntityTooLarge,
    RequestEntityTooLargeException,
    collect,
)
from sagehen.gateway.requests.compression import decompressed
from sagehen.gateway.requests.contexts import context_of
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.integrity import check_document
from sagehen.gateway.s3 import addressing
from sagehen.gateway.s3.signed_region import check_region, check_service
from sagehen.gateway.signatures import sigv4
from sagehen.gateway.signatures.authenticate import NOBODY, Authenticator, Proof
from sagehen.gateway.signatures.claim import Claim
from sagehen.gateway.signatures.hoisted import with_hoisted
from sagehen.gateway.signatures.payload import Content, check_content, read_content, sealed
from sagehen.gateway.signatures.seal import Seal
from sagehen.protocol.http import HttpRequest, HttpResponse
from sagehen.protocol.identification.identify import Identified
from sagehen.protocol.reading.parse import parse
from sagehen.protocol.validation.validate import validate
from sagehen.protocol.writing.serialize import serialize

P = ParamSpec("P")
T = TypeVar("T")

# Bytes: 10 ms of the slowest of the parsers, XML's, for the smallest of elements.
_READ_ON_LOOP = 16 << 10
# Bytes of a request to Lambda, AWS's own limit (recorded): 50 MB of zip in base64, and some more.
_CODE_BYTES = 70_167_211


@dataclass(frozen=True, slots=True)
class Performing:
    """Performs operations.

    Args:
        operations: Where they are.
        authenticator: Verifies signatures.
        authorizer: IAM's evaluator.
        buckets: Whose a bucket is, and in which region.
        default_region: Where a request names none.
        max_body_bytes: Of bodies that are held in memory; Lambda's may have 70,167,211.
    """

    operations: OperationTable
    authenticator: Authenticator
    authorizer: Authorizer
    buckets: BucketDirectory
    default_region: str
    max_body_bytes: int

    async def perform(
        self,
        incoming: Incoming,
        target: addressing.Target,
        claim: Claim | None,
        called: Called,
        content: Content | None,
        trace: Trace,
    ) -> HttpResponse:
        """Take a request through all of its steps.

        Args:
            incoming: The request.
            target: Where it points, path-style.
            claim: What it says of its signature; None where it is unsigned.
            called: The operation.
            content: Its body, where that had to be read to find the operation.
            trace: Is told the operation and who asked.

        Raises:
            ServiceError: What a step refuses, or the operation itself.
            AccessDenied: IAM does not allow it.
        """
        operation = called.identified.operation
        trace.service, trace.operation = operation.service.name, operation.name
        if content is None and _signs_content(claim, incoming, called):
            content = await self._read(read_content, incoming.body, called)
        proof = self._authenticate(incoming, target, claim, called, content)
        trace.principal = proof.principal.arn
        bound = await self.operations.implementation(called)
        headers, body = await self._body(incoming, called, proof.seal, content)
        if called.dialect == "s3":
            headers = with_hoisted(claim, incoming.query, headers)
        message = HttpRequest(incoming.method, target.path, incoming.query, headers, body)
        context = self.context(incoming, called, proof, target.bucket)
        return await self.run(called, bound, context, message)

    async def _read(
        self, read: Callable[[BodyStream, int], Awaitable[T]], body: BodyStream, called: Called
    ) -> T:
        """Read a body that is held in memory; what is too large is refused in the service's words."""
        operation = called.identified.operation
        if operation.service.name != "lambda":
            return await read(body, self.max_body_bytes)
        try:
            return await read(body, _CODE_BYTES)
        except RequestEntityTooLarge:
            raise RequestEntityTooLargeException(_CODE_BYTES, operation.name) from None

    def _authenticate(
        self,
        incoming: Incoming,
        target: addressing.Target,
        claim: Claim | None,
        called: Called,
        content: Content | None,
    ) -> Proof:
        if claim is None:
            if called.bound is None or not called.bound.anonymous:
                raise refusals.unsigned(called.dialect)
            return _anonymous(incoming)
        if called.dialect == "s3" and not claim.problem:
            check_service(claim)
            self.check_region(claim, called, incoming, target)
        return self.authenticator.authenticate(
            claim,
            incoming,
            dialect=called.dialect,
            signing_name=called.identified.service.signing_name,
            resource_path=target.path,
            body_hash=content.sha256 if content is not None else sigv4.EMPTY_SHA256,
        )

    def check_region(
        self, claim: Claim, called: Called, incoming: Incoming, target: addressing.Target
    ) -> None:
        """Refuse a signature for another region than the bucket's; see `s3.signed_region`."""
        region, name = self.buckets.region(target.bucket), called.identified.operation.name
        check_region(claim, name, incoming.host_name, target.bucket, region)

    async def _body(
        self, incoming: Incoming, called: Called, seal: Seal, content: Content | None
    ) -> tuple[Mapping[str, str], bytes | BodyStream]:
        """Return headers and body as the parser shall see them: decoded, and held to the seal."""
        streams = called.identified.operation.streams_input
        body: BodyStream
        if content is not None:
            check_content(content, seal)
            headers, body = incoming.headers, BufferedBody(content.body)
        else:
            headers, body = sealed(incoming.body, seal, incoming.headers)
        if streams:
            return headers, body
        plain = await self._read(collect, body, called)
        operation, size = called.identified.operation, len(plain)
        if called.dialect == "s3":
            await _off_loop(called, size, check_document, operation, headers, plain, body.trailers())
        if "requestcompression" in operation.traits and "content-encoding" in headers:
            most = self.max_body_bytes  # a thousandth of it may come to that
            return await _off_loop(called, most, decompressed, headers, plain, most)
        return headers, plain

    def context(self, incoming: Incoming, called: Called, proof: Proof, bucket: str) -> RequestContext:
        """Return what the operation is told of its caller; unsigned, the bucket tells account and region."""
        account, region = proof.principal.account_id, proof.region
        if called.dialect == "s3" and bucket:
            account = account or self.buckets.owner(bucket) or ""
            region = region or self.buckets.region(bucket) or ""
        service, operation = called.identified.service.name, called.identified.operation.name
        scope = Scope(account, region or self.default_region)
        return context_of(incoming, service, operation, scope, proof.principal)

    async def run(
        self, called: Called, bound: BoundOperation, context: RequestContext, message: HttpRequest
    ) -> HttpResponse:
        """Parse, validate, authorize, dispatch, serialize, in this order: nothing runs that was not allowed.

        Raises:
            ServiceError: The request is malformed or invalid, or the operation failed.
            AccessDenied: IAM does not allow it.
        """
        identified = called.identified
        size = len(message.body) if isinstance(message.body, bytes) else 0
        request = await _off_loop(called, size, _parsed, identified, message)
        authorize(self.authorizer, bound, context, request)
        result = await bound.handler(context, request)
        write = partial(
            serialize, identified.operation, identified.protocol, result, request_id=context.request_id
        )
        return await asyncio.to_thread(write) if isinstance(result, Reply) and result.is_large else write()


async def _off_loop(called: Called, size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do work on a body of `size` bytes: on the loop while it is small.

    Raises:
        Refusal: SlowDown or ServiceUnavailable, where too many others wait for a thread.
    """
    if size <= _READ_ON_LOOP:
        return work(*args, **kwargs)
    try:
        return await in_thread(work, *args, **kwargs)
    except TooBusy:
        code = "SlowDown" if called.identified.service.name == "s3" else "ServiceUnavailable"
        raise refusals.Refusal(code, "Please reduce your request rate.", 503) from None


def _parsed(identified: Identified, message: HttpRequest) -> dict[str, Any]:
    operation, protocol = identified.operation, identified.protocol
    request = parse(operation, protocol, message, identified.path_parameters)
    validate(operation, protocol, request)
    return request


def _signs_content(claim: Claim | None, incoming: Incoming, called: Called) -> bool:
    """Whether the signature covers a hash that only the body itself can tell."""
    return claim is not None and called.dialect != "s3" and "x-amz-content-sha256" not in incoming.headers


def _anonymous(incoming: Incoming) -> Proof:
    declared = incoming.headers.get("x-amz-content-sha256")
    if declared is None:
        return NOBODY
    return replace(NOBODY, seal=Seal(declared))
