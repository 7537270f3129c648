"""The front door: what services answer it, and who they let in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sagehen import __version__
from sagehen.app.open_files import connection_limit
from sagehen.app.wiring.console import documents
from sagehen.app.wiring.ground import Ground
from sagehen.app.wiring.rooms import Rooms
from sagehen.app.wiring.tls import server_certificate
from sagehen.console.built import Build
from sagehen.console.documents.doing import Doing
from sagehen.console.serving import Serving
from sagehen.console.sessions.sessions import ConsoleSessions
from sagehen.console.terminals.terminals import Terminals
from sagehen.domain.clock import SystemClock
from sagehen.gateway.door.assembly import DoorNeeds
from sagehen.gateway.door.front_door import FrontDoor
from sagehen.gateway.pages.routes import Page
from sagehen.gateway.settings import FrontDoorSettings
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.validation.members import RequestModels
from sagehen.protocol.validation.shaping import ModelShapes
from sagehen.services.ec2.ssh.acts import SshActs
from sagehen.services.ec2.ssh.terminals import TerminalsForConsole


def front_door(
    ground: Ground,
    rooms: Rooms,
    pages: Mapping[str, Page],
    *,
    console_sessions: ConsoleSessions,
    doing: Callable[[], Doing],
) -> FrontDoor:
    """Build it; it is closed.

    Args:
        pages: Routes of the platform's own.
        doing: Tells the console what only the platform knows.
    """
    services = rooms.services
    ssh = SshActs(rooms.machine_doors)
    catalog = Catalog([service.name for service in services])
    needs = DoorNeeds(
        services=services,
        catalog=catalog,
        identities=rooms.iam.identities,
        authorizer=rooms.iam.authorizer,
        buckets=rooms.s3.bucket_directory,
        clock=ground.clock,
        ids=ground.ids,
        pages=pages,
        operator_acts={
            **rooms.sagemaker.operator_acts,
            **(ground.cluster.operator_acts if ground.cluster else {}),
            **rooms.ec2.instances.operator_acts,
            "ssh": ssh.ssh,
            "ssh-ports": ssh.ssh_ports,
        },
        rest_apis=rooms.apigateway.data_plane,
        function_urls=rooms.functions.urls,
        notebooks=rooms.sagemaker.notebook_entrance,
        tracking=rooms.sagemaker.tracking_entrance,
        registry=rooms.ecr.distribution,
        websites=rooms.s3.websites,
        console=Serving(Build()),
        console_sessions=console_sessions,
        documents=documents(ground, rooms, doing),
        stack_signals=rooms.cloudformation.receive_signal,
        terminals=Terminals(TerminalsForConsole(rooms.machine_doors), SystemClock(), ground.ids),
    )
    certificate = server_certificate(ground.settings, ground.folder.authority, ground.reach)
    made = FrontDoor(needs, _settings(ground), bucket_logs=rooms.s3.access_logs, certificate=certificate)
    _connect(rooms, made, catalog)
    return made


def _connect(rooms: Rooms, made: FrontDoor, catalog: Catalog) -> None:
    """Tell the rooms of the door: through it they call each other's operations."""
    rooms.apigateway.data_plane.connect(made.internal_calls)
    rooms.sagemaker.pipelines.calls.calls = made.internal_calls
    rooms.sagemaker.pipelines.definitions.models = RequestModels(catalog)
    rooms.sagemaker.recommender_calls.calls = made.operation_calls
    rooms.cloudformation.calls.calls = made.operation_calls
    rooms.cloudformation.shapes.shapes = ModelShapes(catalog)


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
