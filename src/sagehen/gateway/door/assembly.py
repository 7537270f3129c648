"""What is behind the door, put together: the chain of steps, and who answers before AWS's operations do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sagehen.api.operation import Service
from sagehen.console.serving import Serving
from sagehen.console.sessions.sessions import ConsoleSessions
from sagehen.console.terminals.terminals import Terminals
from sagehen.domain.clock import Clock, SystemClock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.calls.operator_acts import OperatorAct
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.identities import Identities
from sagehen.domain.ports.storage.buckets import BucketDirectory
from sagehen.gateway.chain.chain import Chain
from sagehen.gateway.chain.forms import Forms
from sagehen.gateway.chain.internal_calls import InternalCalls
from sagehen.gateway.chain.operation_calls import InnerOperations
from sagehen.gateway.chain.performing import Performing
from sagehen.gateway.execute_api.answers import ExecuteApi, RestApiAnswers
from sagehen.gateway.function_urls.answers import FunctionUrlAnswers, FunctionUrls
from sagehen.gateway.notebooks.answers import Notebooks
from sagehen.gateway.operations.later import Later
from sagehen.gateway.operations.table import OperationTable
from sagehen.gateway.pages.console.documents import Document, DocumentPages
from sagehen.gateway.pages.console.files import ConsolePages
from sagehen.gateway.pages.console.sessions import ConsoleSessionPages
from sagehen.gateway.pages.console.terminals import TerminalPages
from sagehen.gateway.pages.operator import OperatorDoor
from sagehen.gateway.pages.routes import Page, Pages
from sagehen.gateway.pages.stack_signals import Receive, signal_pages
from sagehen.gateway.registry.answers import Registries, RegistryAnswers
from sagehen.gateway.s3.public.passing import PublicS3
from sagehen.gateway.s3.websites import WebsiteAnswers
from sagehen.gateway.settings import FrontDoorSettings
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.tracking.answers import Tracking
from sagehen.protocol.models.catalog import Catalog

if TYPE_CHECKING:
    from sagehen.services.sagemaker.notebooks.entrance import NotebookEntrance
    from sagehen.services.sagemaker.tracking_servers.entrance import Entrance


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorNeeds:
    """What the door leads to, and who says whom it lets in.

    Args:
        services: What is implemented.
        later: What is loaded when it is first called.
        catalog: The service models.
        identities: Whom an access key proves.
        authorizer: IAM's evaluator.
        buckets: What must be known of a bucket before S3 is asked.
        clock: The platform's clock: receipt times, expiry of sessions.
        ids: Draws request ids.
        wall_clock: The world's clock, by which signatures are judged; the machine's by default.
        pages: Routes of the platform's own, such as "POST /_sagehen/reset".
        operator_acts: What the account's root may do besides AWS's operations.
        rest_apis: Answers requests to users' own REST APIs.
        function_urls: Answers requests to functions' own URLs.
        notebooks: Lets people in to notebook instances.
        tracking: Returns who lets requests in to MLflow tracking servers.
        registry: Answers clients of registries of images.
        websites: Answers requests to buckets that are websites.
        console: The application for browsers.
        console_sessions: Whose sessions it has; without them it knows access keys alone.
        documents: What it is told besides AWS's answers, by name.
        terminals: Of machines, in its page.
        stack_signals: Takes what functions and machines send to stacks.
    """

    services: Sequence[Service]
    catalog: Catalog
    identities: Identities
    authorizer: Authorizer
    buckets: BucketDirectory
    clock: Clock
    ids: Ids
    wall_clock: Clock | None = None
    pages: Mapping[str, Page] = field(default_factory=dict)
    operator_acts: Mapping[str, OperatorAct] = field(default_factory=dict)
    rest_apis: RestApiAnswers | None = None
    function_urls: FunctionUrlAnswers | None = None
    notebooks: NotebookEntrance | None = None
    tracking: Callable[[], Awaitable[Entrance]] | None = None
    later: Later | None = None
    registry: RegistryAnswers | None = None
    websites: WebsiteAnswers | None = None
    console: Serving | None = None
    console_sessions: ConsoleSessions | None = None
    documents: Mapping[str, Document] = field(default_factory=dict)
    terminals: Terminals | None = None
    stack_signals: Receive | None = None

    @property
    def is_relayed(self) -> Callable[[str, int], bool] | None:
        """Whether a connection is the platform's own, made for somebody else, by its peer."""
        return self.rest_apis.is_own_connection if self.rest_apis is not None else None


@dataclass(frozen=True, slots=True)
class Behind:
    """What is behind the door.

    Args:
        notebooks, terminals: Hold connections that end with the door.
    """

    chain: Chain
    internal_calls: InternalCalls
    operation_calls: InnerOperations
    notebooks: Notebooks | None
    terminals: TerminalPages | None


def behind_door(needs: DoorNeeds, settings: FrontDoorSettings, public_s3: PublicS3) -> Behind:
    """Put it together.

    Raises:
        ValueError: A service declares an unknown operation, or one twice.
    """
    wall_clock = needs.wall_clock or SystemClock()
    table = OperationTable(needs.services, needs.catalog, needs.later)
    authenticator = Authenticator(needs.identities, needs.clock, wall_clock, clock_check=settings.clock_check)
    performing = Performing(
        *(table, authenticator, needs.authorizer, needs.buckets),
        *(settings.default_region, settings.max_body_bytes),
    )
    notebooks = Notebooks(needs.notebooks) if needs.notebooks is not None else None
    terminals = None
    if needs.terminals is not None:
        terminals = TerminalPages(needs.terminals, authenticator, needs.authorizer, needs.is_relayed)
    rest_apis, urls, registry = needs.rest_apis, needs.function_urls, needs.registry
    chain = Chain(
        operations=table,
        performing=performing,
        forms=Forms(table, performing),
        pages=_pages(needs, settings, table, authenticator, terminals),
        public_s3=public_s3,
        execute_api=ExecuteApi(rest_apis, authenticator) if rest_apis is not None else None,
        websites=needs.websites,
        function_urls=FunctionUrls(urls, authenticator) if urls is not None else None,
        notebooks=notebooks,
        tracking=Tracking(needs.tracking, authenticator) if needs.tracking is not None else None,
        registries=Registries(registry) if registry is not None else None,
        console=ConsolePages(needs.console) if needs.console is not None else None,
    )
    return Behind(
        chain,
        InternalCalls(chain, needs.clock, wall_clock, needs.ids),
        InnerOperations(table, needs.authorizer, needs.clock, needs.ids, f"127.0.0.1:{settings.port}"),
        notebooks,
        terminals,
    )


def _pages(
    needs: DoorNeeds,
    settings: FrontDoorSettings,
    table: OperationTable,
    authenticator: Authenticator,
    terminals: TerminalPages | None,
) -> Pages:
    """Return the platform's own pages, the console's among them."""
    acts = dict(needs.operator_acts)
    for_browsers: dict[str, Page] = {}
    if needs.console_sessions is not None:
        sessions = ConsoleSessionPages(needs.console_sessions, needs.is_relayed)
        acts["console"] = sessions.token
        for_browsers |= sessions.pages()
    if terminals is not None:
        for_browsers |= terminals.pages()
    if needs.stack_signals is not None:
        for_browsers |= signal_pages(needs.stack_signals)
    documents = DocumentPages(needs.documents, table, authenticator, needs.authorizer, needs.clock)
    console = needs.console
    return Pages(
        {**needs.pages, **OperatorDoor(acts, authenticator).pages(), **documents.pages()},
        version=settings.version,
        services=table.counts(),
        allow_reset=settings.allow_reset,
        is_relayed=needs.is_relayed,
        for_browsers=for_browsers,
        has_console=lambda: console is not None and console.is_built,
    )
