"""The front door: what services answer it, and who they let in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from sagehen import __version__
from sagehen.app.declared import declared_operations
from sagehen.app.open_files import connection_limit
from sagehen.app.wiring.console import documents
from sagehen.app.wiring.ground import Ground
from sagehen.app.wiring.late_doors import (
    LateAnswers,
    LateNotebooks,
    LateRestApis,
    LateTerminals,
    lambda_code,
    operator_acts,
    receive_signal,
    tracking_entrance,
)
from sagehen.app.wiring.loading import Loading
from sagehen.app.wiring.plan import PLAN
from sagehen.app.wiring.tls import server_certificate
from sagehen.console.built import Build
from sagehen.console.documents.doing import Doing
from sagehen.console.serving import Serving
from sagehen.console.sessions.sessions import ConsoleSessions
from sagehen.console.terminals.terminals import Terminals
from sagehen.domain.clock import SystemClock
from sagehen.gateway.door.assembly import DoorNeeds
from sagehen.gateway.door.front_door import FrontDoor
from sagehen.gateway.operations.later import Later
from sagehen.gateway.pages.routes import Page
from sagehen.gateway.settings import FrontDoorSettings
from sagehen.protocol.models.catalog import Catalog
from sagehen.services.lambda_.code.downloads import PAGE as LAMBDA_CODE


def front_door(
    ground: Ground,
    loading: Loading,
    pages: Mapping[str, Page],
    *,
    console_sessions: ConsoleSessions,
    doing: Callable[[], Doing],
) -> FrontDoor:
    """Build it; it is closed.

    Args:
        loading: Has the services.
        pages: Routes of the platform's own.
        doing: Tells the console what only the platform knows.
    """
    rooms = loading.rooms
    services, declared = loading.services, declared_operations()
    later = {name: frozenset(declared[name]) for room in PLAN.values() for name in room.services}
    rooms.catalog = catalog = Catalog([*(service.name for service in services), *later])
    needs = DoorNeeds(
        services=services,
        later=Later(later, loading.operations),
        catalog=catalog,
        identities=rooms.iam.identities,
        authorizer=rooms.iam.authorizer,
        buckets=rooms.s3.bucket_directory,
        clock=ground.clock,
        ids=ground.ids,
        pages={**pages, f"GET {LAMBDA_CODE}": partial(lambda_code, rooms)},
        operator_acts={
            **operator_acts(rooms),
            **(ground.cluster.operator_acts if ground.cluster else {}),
        },
        rest_apis=LateRestApis(rooms, "apigateway", lambda there: there.apigateway.data_plane.answer),
        function_urls=LateAnswers(rooms, "lambda_", lambda there: there.functions.urls.answer),
        notebooks=LateNotebooks(rooms),
        tracking=partial(tracking_entrance, rooms),
        registry=LateAnswers(rooms, "ecr", lambda there: there.ecr.distribution.answer),
        websites=rooms.s3.websites,
        console=Serving(Build()),
        console_sessions=console_sessions,
        documents=documents(ground, rooms, doing),
        stack_signals=partial(receive_signal, rooms),
        terminals=Terminals(LateTerminals(rooms), SystemClock(), ground.ids),
    )
    certificate = server_certificate(ground.settings, ground.folder.authority, ground.reach)
    made = FrontDoor(needs, _settings(ground), bucket_logs=rooms.s3.access_logs, certificate=certificate)
    rooms.door = made
    return made


def _settings(ground: Ground) -> FrontDoorSettings:
    settings = ground.settings
    return FrontDoorSettings(
        data_folder=ground.folder.root,
        host=ground.reach.here,
        others=ground.reach.others,
        port=ground.port,
        version=__version__,
        default_region=settings.region,
        clock_check=settings.clock_check,
        allow_reset=settings.allow_reset,
        public_s3=settings.public_s3,
        max_connections=connection_limit(),
    )
