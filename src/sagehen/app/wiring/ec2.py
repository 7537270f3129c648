"""EC2: networks and what machines are made of."""

from __future__ import annotations

from sagehen.app.wiring.ground import Ground
from sagehen.services.ec2.service import Ec2Service


def ec2(ground: Ground) -> Ec2Service:
    """Build it."""
    return Ec2Service(database=ground.database, clock=ground.clock, ids=ground.ids)
