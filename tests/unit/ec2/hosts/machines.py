"""Machines of this host without a platform around them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Credentials
from sagehen.domain.scope import Scope
from sagehen.executors.base import Limits
from sagehen.services.ec2.hosts.host import Attached, Host, Program, Wanted

CLOCK = SystemClock()


class Roles:
    """Sessions, one more each time."""

    def __init__(self) -> None:
        self.asked = 0
        self.lasts_s = 3600

    async def assume_for_service(self, role_arn: str, service: str, name: str, duration_s: int) -> Any:
        self.asked += 1
        if role_arn.endswith("gone"):
            raise AccessDenied("no")

        class Session:
            credentials = Credentials(
                f"ASIA{self.asked}", "secret", "token", CLOCK.now() + timedelta(seconds=self.lasts_s)
            )

        return Session()


def wanted(name: str = "0abc", **more: Any) -> Wanted:
    """Return a machine to have."""
    given: dict[str, Any] = {
        "scope": Scope("123456789012", "us-east-1"), "instance_id": f"i-{name}", "instance_type": "t3.micro",
        "limits": Limits(cpus=1, memory_mib=256, processes=128), "image_id": "ami-1",
        "image_name": "al2023-ami", "root": Attached(f"vol-{name}", "/dev/xvda", 1),
        "private_ip": "172.31.5.4", "host_name": "ip-172-31-5-4.ec2.internal",
        "availability_zone": "us-east-1a", "vpc_id": "vpc-1", "subnet_id": "subnet-1",
        "mac": "02:00:00:00:00:01", "reservation_id": "r-1", "launched_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    return Wanted(**{**given, **more})


async def all_of(program: Program) -> tuple[int, str]:
    """Return the exit code and all that a program prints."""

    async def drain(read: Any) -> bytes:
        content = b""
        while piece := await read():
            content += piece
        return content

    out, err = await asyncio.gather(drain(program.read), drain(program.read_error))
    return await program.wait(), (out + err).decode().replace("\r", "")


async def shell(host: Host, text: str, user: str = "ec2-user") -> str:
    """Return what a script prints."""
    program = await host.start(("/bin/sh", "-c", text), user=user)
    await program.end_input()
    return (await all_of(program))[1]
