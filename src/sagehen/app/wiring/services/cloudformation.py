"""CloudFormation: stacks of everybody else's resources."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.component import ServiceComponent
from sagehen.app.wiring.rooms import Rooms
from sagehen.gateway.pages.stack_signals import HOST, PATH
from sagehen.services.cloudformation.service import CloudFormationService


def build(rooms: Rooms) -> Sequence[ServiceComponent]:
    """Build it."""
    ground, iam = rooms.ground, rooms.iam
    # Inside sandboxes the door has the same port of their own loopback.
    signal_url = f"http://127.0.0.1:{ground.port}{PATH}?key="
    rooms.cloudformation = CloudFormationService(
        database=ground.database,
        clock=ground.clock,
        ids=ground.ids,
        roles=iam.roles,
        authorizer=iam.authorizer,
        objects=rooms.s3.objects,
        signal_url=signal_url,
        # Handlers speak TLS at port 443, whatever they are told; without sandboxes nobody could answer there.
        reply_url=f"https://{HOST}{PATH}?key=" if ground.executor.has_private_networks else signal_url,
    )
    return (rooms.cloudformation,)
