"""The chain: what happens to a request, in order. Each step is a file of its own.

    execute-api, function URLs, notebooks, tracking servers, registries -> claim -> S3 addressing -> public S3
          -> websites
          -> pages -> CORS preflight -> identify -> authenticate -> body -> parse -> validate -> authorize
          -> dispatch -> serialize

A step either returns what the next one needs or raises: a ServiceError is answered in the request's own
protocol, AccessDenied as that protocol spells it, everything else as one InternalFailure.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from sagehen.api.errors import ServiceError
from sagehen.gateway.chain.failures import code_of, refuse, unforeseen
from sagehen.gateway.chain.forms import Forms
from sagehen.gateway.chain.performing import Performing
from sagehen.gateway.chain.trace import Trace
from sagehen.gateway.execute_api.address import recognize
from sagehen.gateway.execute_api.answers import ExecuteApi
from sagehen.gateway.function_urls.address import recognize as recognize_url
from sagehen.gateway.function_urls.answers import FunctionUrls
from sagehen.gateway.notebooks.address import recognize as recognize_notebook
from sagehen.gateway.notebooks.answers import Notebooks
from sagehen.gateway.operations import dress
from sagehen.gateway.operations.table import Called, OperationTable, UnknownService
from sagehen.gateway.pages.console.files import ConsolePages, refuses_worker
from sagehen.gateway.pages.routes import Pages
from sagehen.gateway.registry.address import recognize as recognize_registry
from sagehen.gateway.registry.answers import Registries
from sagehen.gateway.requests import refusals
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.s3 import addressing, cors, websites
from sagehen.gateway.s3.forms.upload import is_form_upload
from sagehen.gateway.s3.public.passing import PublicS3
from sagehen.gateway.s3.websites import WebsiteAnswers
from sagehen.gateway.signatures.claim import Claim, read_claim
from sagehen.gateway.signatures.payload import Content, read_content
from sagehen.gateway.tracking.address import recognize as recognize_tracking
from sagehen.gateway.tracking.answers import Tracking
from sagehen.protocol.errors import IdentificationError
from sagehen.protocol.http import HttpResponse
from sagehen.protocol.identification.host_names import website_bucket
from sagehen.protocol.identification.identify import needs_body

# Of a query, which is read three times and sorted for its signature: 16,000 held the loop for 90 ms. Lists
# come in bodies; API Gateway, whose callers may say anything, takes 10 kB of request line and headers.
_MOST_PARAMETERS = 1_000


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps with what they need. See the module's text for their order."""

    operations: OperationTable
    performing: Performing
    forms: Forms
    pages: Pages
    public_s3: PublicS3
    execute_api: ExecuteApi | None = None
    websites: WebsiteAnswers | None = None
    function_urls: FunctionUrls | None = None
    notebooks: Notebooks | None = None
    tracking: Tracking | None = None
    registries: Registries | None = None
    console: ConsolePages | None = None

    async def answer(self, incoming: Incoming, trace: Trace) -> HttpResponse:
        """Answer a request. Raises nothing: every failure is an answer too."""
        if incoming.query.count("&") >= _MOST_PARAMETERS:
            text = f"The request has more than {_MOST_PARAMETERS} query parameters."
            return dress.undressed(incoming, refusals.Refusal("InvalidRequest", text, 400))
        if self.console is not None and (no_worker := refuses_worker(incoming)) is not None:
            return no_worker
        # First of all: what users put here has any path, and sees signatures, bodies and hosts for itself.
        answered = await self._by_users(incoming, trace)
        return answered if answered is not None else await self._by_aws(incoming, trace)

    async def _by_aws(self, incoming: Incoming, trace: Trace) -> HttpResponse:
        """Answer a request for AWS, or for the platform itself."""
        target = addressing.Target(incoming.path)
        try:
            if self.console is not None and (answered := await self.console.answer(incoming)) is not None:
                trace.service = "console"
                return answered
            claim = read_claim(incoming)
            target = addressing.target_of(incoming, claim)
            answered = await self._without_an_operation(incoming, target, claim, trace)
            if answered is not None:
                return answered
            form: Content | None = None
            if needs_body(incoming.method, incoming.headers):
                form = await read_content(incoming.body, self.performing.max_body_bytes)
            fields = form.body if form is not None else b""
            await self.operations.load_model(claim)
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
            return dress.undressed(incoming, unforeseen(incoming, error))
        if called.dialect == "s3":
            trace.bucket, trace.key = target.bucket, target.key
        try:
            response = await self.performing.perform(incoming, target, claim, called, form, trace)
        except Exception as error:
            trace.error = code_of(error)
            response = await self._read_elsewhere(incoming, target, called, error, trace)
        return self._cross_origin(incoming, target, response) if called.dialect == "s3" else response

    async def _read_elsewhere(
        self,
        incoming: Incoming,
        target: addressing.Target,
        called: Called,
        error: Exception,
        trace: Trace,
    ) -> HttpResponse:
        """Answer a failure; a bucket of AWS's own for samples that is not here, by what AWS says of it."""
        if called.dialect == "s3" and trace.error == "NoSuchBucket":
            try:
                name = called.identified.operation.name
                if (passed_on := await self.public_s3.sample(incoming, target, name)) is not None:
                    trace.service = "public-s3"
                    return passed_on
            except ServiceError as unreached:
                error = unreached
        return refuse(incoming, called, error)

    async def _without_an_operation(
        self, incoming: Incoming, target: addressing.Target, claim: Claim | None, trace: Trace
    ) -> HttpResponse | None:
        """Answer what is no operation of AWS's models; None for what may be one."""
        if (passed_on := await self.public_s3.answer(incoming, target)) is not None:
            trace.service = "public-s3"
            return passed_on
        site = website_bucket(incoming.host_name) if self.websites is not None else None
        if site is not None and self.websites is not None and not cors.is_preflight(incoming):
            trace.service, trace.bucket, trace.key = "s3-website", site, unquote(incoming.path[1:])
            return websites.answer(
                self.websites, self.performing.buckets, incoming, site, self.performing.default_region
            )
        # Not at a bucket's host: there every path is a key, `/_sagehen/…` too.
        page = None if target.virtual_host else await self.pages.answer(incoming)
        if page is not None:
            return page
        if cors.is_preflight(incoming):
            return cors.preflight(incoming, self.performing.buckets, target)
        if is_form_upload(incoming, claim, target):
            return self._cross_origin(incoming, target, await self.forms.upload(incoming, target, trace))
        return None

    async def _by_users(self, incoming: Incoming, trace: Trace) -> HttpResponse | None:
        """Answer a request to a user's API, URL, notebook or registry; None for what is meant for AWS."""
        call = recognize(incoming)
        if self.execute_api is not None and call is not None:
            trace.service = "execute-api"
            return await self.execute_api.answer(incoming, call)
        url = recognize_url(incoming)
        if self.function_urls is not None and url is not None:
            trace.service = "lambda-url"
            return await self.function_urls.answer(incoming, url)
        notebook = recognize_notebook(incoming)
        if self.notebooks is not None and notebook is not None:
            trace.service = "notebook"
            return await self.notebooks.answer(incoming, notebook)
        tracked = recognize_tracking(incoming)
        if self.tracking is not None and tracked is not None:
            trace.service = "mlflow"
            return await self.tracking.answer(incoming, tracked)
        registry = recognize_registry(incoming)
        if self.registries is not None and registry is not None:
            trace.service = "ecr-registry"
            return await self.registries.answer(incoming, registry)
        return None

    def _cross_origin(
        self, incoming: Incoming, target: addressing.Target, response: HttpResponse
    ) -> HttpResponse:
        """Add to an answer of S3's what lets a page of another origin read it."""
        if "origin" in incoming.headers:
            response.headers.update(cors.response_headers(incoming, self.performing.buckets, target.bucket))
        return response

    def _undeclared(self, incoming: Incoming, called: Called, trace: Trace) -> HttpResponse:
        operation = called.identified.operation
        trace.service, trace.operation = operation.service.name, operation.name
        try:
            called.implementation()
        except ServiceError as error:
            return refuse(incoming, called, error)
        raise AssertionError(f"{operation.name} is declared, but was not found")
