"""The chain: what happens to a request, in order. Each step is a file of its own.

    execute-api -> claim -> S3 addressing -> public S3 -> websites -> pages -> CORS preflight -> identify
          -> authenticate -> body -> parse -> validate -> authorize -> dispatch -> serialize

A step either returns what the next one needs or raises: a ServiceError is answered in the request's own
protocol, AccessDenied as that protocol spells it, everything else as one InternalFailure.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar
from urllib.parse import unquote

from sagehen.api.bounded.budget import TooBusy, in_thread
from sagehen.api.context import RequestContext
from sagehen.api.errors import InternalFailure, ServiceError
from sagehen.api.operation import BoundOperation
from sagehen.api.streams import BodyStream
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.authorization import Authorizer
from sagehen.domain.ports.buckets import BucketDirectory
from sagehen.domain.scope import Scope
from sagehen.gateway.execute_api.answers import ExecuteApi
from sagehen.gateway.operations import dress
from sagehen.gateway.operations.authorize import authorize
from sagehen.gateway.operations.table import Called, OperationTable, UnknownService
from sagehen.gateway.pages.routes import Pages
from sagehen.gateway.requests import refusals
from sagehen.gateway.requests.body import (
    BufferedBody,
    RequestEntityTooLarge,
    RequestEntityTooLargeException,
    collect,
)
from sagehen.gateway.requests.compression import decompressed
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.integrity import check_document
from sagehen.gateway.s3 import addressing, cors, form_upload, websites
from sagehen.gateway.s3.post_policy import read_policy
from sagehen.gateway.s3.public.passing import PublicS3
from sagehen.gateway.s3.signed_region import check_region, check_service
from sagehen.gateway.s3.websites import WebsiteAnswers
from sagehen.gateway.signatures import sigv4
from sagehen.gateway.signatures.authenticate import NOBODY, Authenticator, Proof
from sagehen.gateway.signatures.claim import Claim, read_claim
from sagehen.gateway.signatures.hoisted import with_hoisted
from sagehen.gateway.signatures.payload import Content, check_content, read_content, sealed
from sagehen.gateway.signatures.seal import Seal
from sagehen.protocol.errors import IdentificationError
from sagehen.protocol.http import HttpRequest, HttpResponse
from sagehen.protocol.identification.host_names import website_bucket
from sagehen.protocol.identification.identify import Identified, needs_body
from sagehen.protocol.reading.parse import parse
from sagehen.protocol.validation.validate import validate
from sagehen.protocol.writing.serialize import serialize

P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger("sagehen.gateway")

# Bytes: 10 ms of the slowest of the parsers, XML's, for the smallest of elements.
_READ_ON_LOOP = 16 << 10
# Bytes of a request to Lambda, AWS's own limit (recorded): 50 MB of zip in base64, and some more.
_CODE_BYTES = 70_167_211
# Of a query, which is read three times and sorted for its signature: 16,000 held the loop for 90 ms. Lists
# come in bodies; API Gateway, whose callers may say anything, takes 10 kB of request line and headers.
_MOST_PARAMETERS = 1_000


@dataclass(slots=True)
class Trace:
    """What the access log wants to know of a request; steps write it, none reads it."""

    service: str = ""
    operation: str = ""
    principal: str = ""
    bucket: str = ""
    key: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps with what they need. See the module's text for their order."""

    operations: OperationTable
    authenticator: Authenticator
    authorizer: Authorizer
    buckets: BucketDirectory
    pages: Pages
    default_region: str
    max_body_bytes: int
    public_s3: PublicS3
    execute_api: ExecuteApi | None = None
    websites: WebsiteAnswers | None = None

    async def answer(self, incoming: Incoming, trace: Trace) -> HttpResponse:
        """Answer a request. Raises nothing: every failure is an answer too."""
        if incoming.query.count("&") >= _MOST_PARAMETERS:
            text = f"The request has more than {_MOST_PARAMETERS} query parameters."
            return dress.undressed(incoming, refusals.Refusal("InvalidRequest", text, 400))
        if self.execute_api is not None:
            call = self.execute_api.recognize(incoming)
            if call is not None:  # a request to a user's API, not to AWS: nothing of what follows
                trace.service = "execute-api"
                return await self.execute_api.answer(incoming, call)
        target = addressing.Target(incoming.path)
        try:
            claim = read_claim(incoming)
            target = addressing.target_of(incoming, claim)
            passed_on = await self.public_s3.answer(incoming, target)
            if passed_on is not None:
                trace.service = "public-s3"
                return passed_on
            site = website_bucket(incoming.host_name) if self.websites is not None else None
            if site is not None and self.websites is not None and not cors.is_preflight(incoming):
                trace.service, trace.bucket, trace.key = "s3-website", site, unquote(incoming.path[1:])
                return websites.answer(self.websites, self.buckets, incoming, site, self.default_region)
            page = None if target.virtual_host else await self.pages.answer(incoming)
            if page is not None:
                return page
            if cors.is_preflight(incoming):
                return cors.preflight(incoming, self.buckets, target)
            if form_upload.is_form_upload(incoming, claim, target):
                return self._cross_origin(incoming, target, await self._upload_form(incoming, target, trace))
            form: Content | None = None
            if needs_body(incoming.method, incoming.headers):
                form = await read_content(incoming.body, self.max_body_bytes)
            fields = form.body if form is not None else b""
            try:
                called = self.operations.find(incoming, target.path, claim, fields)
            except (IdentificationError, UnknownService):
                # Services that share a signing name, and those of which nothing is built.
                elsewhere = await self.operations.find_anywhere(incoming, target.path, claim, fields)
                if elsewhere is None:
                    raise
                return self._undeclared(incoming, elsewhere, trace)
        except IdentificationError as error:
            return dress.unidentified(incoming, error, target)
        except ServiceError as error:
            return dress.undressed(incoming, error)
        except Exception as error:
            return dress.undressed(incoming, self._unforeseen(incoming, error))
        if called.dialect == "s3":
            trace.bucket, trace.key = target.bucket, target.key
        try:
            response = await self._perform(incoming, target, claim, called, form, trace)
        except Exception as error:
            trace.error = _code(error)
            response = self.refuse(incoming, called, error)
        return self._cross_origin(incoming, target, response) if called.dialect == "s3" else response

    def _cross_origin(
        self, incoming: Incoming, target: addressing.Target, response: HttpResponse
    ) -> HttpResponse:
        """Add to an answer of S3's what lets a page of another origin read it."""
        if "origin" in incoming.headers:
            response.headers.update(cors.response_headers(incoming, self.buckets, target.bucket))
        return response

    async def _perform(
        self,
        incoming: Incoming,
        target: addressing.Target,
        claim: Claim | None,
        called: Called,
        content: Content | None,
        trace: Trace,
    ) -> HttpResponse:
        operation = called.identified.operation
        trace.service, trace.operation = operation.service.name, operation.name
        if content is None and _signs_content(claim, incoming, called):
            content = await self._read(read_content, incoming.body, called)
        proof = self._authenticate(incoming, target, claim, called, content)
        trace.principal = proof.principal.arn
        bound = called.implementation()
        headers, body = await self._body(incoming, called, proof.seal, content)
        if called.dialect == "s3":
            headers = with_hoisted(claim, incoming.query, headers)
        message = HttpRequest(incoming.method, target.path, incoming.query, headers, body)
        context = self._context(incoming, called, proof, target.bucket)
        return await self._run(called, bound, context, message)

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
            self._check_region(claim, called, incoming, target)
        return self.authenticator.authenticate(
            claim,
            incoming,
            dialect=called.dialect,
            signing_name=called.identified.service.signing_name,
            resource_path=target.path,
            body_hash=content.sha256 if content is not None else sigv4.EMPTY_SHA256,
        )

    def _check_region(
        self, claim: Claim, called: Called, incoming: Incoming, target: addressing.Target
    ) -> None:
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

    def _context(self, incoming: Incoming, called: Called, proof: Proof, bucket: str) -> RequestContext:
        account, region = proof.principal.account_id, proof.region
        if called.dialect == "s3" and bucket:
            account = account or self.buckets.owner(bucket) or ""
            region = region or self.buckets.region(bucket) or ""
        return RequestContext(
            request_id=incoming.request_id,
            service=called.identified.service.name,
            operation=called.identified.operation.name,
            scope=Scope(account, region or self.default_region),
            principal=proof.principal,
            received_at=incoming.received_at,
            source_ip=incoming.peer,
            secure=incoming.secure,
            host=incoming.host,
            headers=incoming.headers,
            from_sandbox=incoming.from_sandbox,
        )

    async def _run(
        self, called: Called, bound: BoundOperation, context: RequestContext, message: HttpRequest
    ) -> HttpResponse:
        identified = called.identified
        size = len(message.body) if isinstance(message.body, bytes) else 0
        request = await _off_loop(called, size, _parsed, identified, message)
        authorize(self.authorizer, bound, context, request)
        result = await bound.handler(context, request)
        return serialize(identified.operation, identified.protocol, result, request_id=context.request_id)

    async def _upload_form(self, incoming: Incoming, target: addressing.Target, trace: Trace) -> HttpResponse:
        """A browser's form: its policy stands for the signature, its fields for a PutObject's headers."""
        called = self.operations.put_object(target.bucket, "")
        trace.service, trace.operation, trace.bucket = "s3", "PutObject", target.bucket
        try:
            return await self._store_form(incoming, target, called, trace)
        except Exception as error:
            trace.error = _code(error)
            return self.refuse(incoming, called, error)

    async def _store_form(
        self, incoming: Incoming, target: addressing.Target, called: Called, trace: Trace
    ) -> HttpResponse:
        form = form_upload.FormUpload(incoming)
        await form.read_fields()
        fields = form.fields
        claim = form_upload.claim_of(fields)
        proof = NOBODY
        if claim is not None:
            if not claim.problem:
                self._check_region(claim, called, incoming, target)
            proof = self.authenticator.verify_policy(claim, fields["policy"])
            policy = read_policy(fields["policy"])
            policy.check_fields(fields, target.bucket, self.authenticator.now())
            form.on_end = policy.check_size
        key = form_upload.key_of(fields, form.file_name)
        trace.principal, trace.key = proof.principal.arn, key
        called = self.operations.put_object(target.bucket, key)
        path = form_upload.object_path(target.bucket, key)
        message = HttpRequest("PUT", path, "", form_upload.put_headers(fields), form)
        context = self._context(incoming, called, proof, target.bucket)
        stored = await self._run(called, called.implementation(), context, message)
        return dress.form_answer(incoming, fields, target, key, stored)

    def _undeclared(self, incoming: Incoming, called: Called, trace: Trace) -> HttpResponse:
        operation = called.identified.operation
        trace.service, trace.operation = operation.service.name, operation.name
        try:
            called.implementation()
        except ServiceError as error:
            return self.refuse(incoming, called, error)
        raise AssertionError(f"{operation.name} is declared, but was not found")

    def refuse(self, incoming: Incoming, called: Called, error: Exception) -> HttpResponse:
        """Answer a failure in the protocol of the request."""
        if isinstance(error, AccessDenied):
            error = refusals.access_denied(called.dialect, error.message)
        elif not isinstance(error, ServiceError):
            error = self._unforeseen(incoming, error, called.dialect)
        return dress.refused(incoming, called, error)

    def _unforeseen(self, incoming: Incoming, error: Exception, dialect: str = "") -> ServiceError:
        logger.error(
            "request %s: %s %s failed", incoming.request_id, incoming.method, incoming.path, exc_info=error
        )
        if dialect == "s3":
            text = "We encountered an internal error. Please try again."
            return refusals.Refusal("InternalError", text, 500)
        return InternalFailure(
            "The request processing has failed because of an unknown error, exception or failure. "
            f"Request id: {incoming.request_id}"
        )


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


def _code(error: Exception) -> str:
    """Return S3's code of a failure, for the access log."""
    if isinstance(error, AccessDenied):
        return "AccessDenied"
    return error.code if isinstance(error, ServiceError) else "InternalError"


def _signs_content(claim: Claim | None, incoming: Incoming, called: Called) -> bool:
    """Whether the signature covers a hash that only the body itself can tell."""
    return claim is not None and called.dialect != "s3" and "x-amz-content-sha256" not in incoming.headers


def _anonymous(incoming: Incoming) -> Proof:
    declared = incoming.headers.get("x-amz-content-sha256")
    if declared is None:
        return NOBODY
    return replace(NOBODY, seal=Seal(declared))
