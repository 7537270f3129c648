"""Machines whose programs are processes of this one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from sagehen.domain.ports.compute.machines import Machine, MachineGone
from sagehen.domain.scope import Scope
from tests.unit.ec2.ssh.machine import LocalProgram


def machine(instance_id: str, **tags: str) -> Machine:
    return Machine(instance_id, f"{instance_id}.internal", "172.31.0.4", "us-east-1a", "al2023", "", "", tags)


class LocalMachines:
    def __init__(self) -> None:
        self.running: list[Machine] = []
        self.gone = False
        self.folder = Path("/nowhere")

    def find(self, scope: Scope, instance_id: str) -> Machine | None:
        return next((each for each in self.running if each.instance_id == instance_id), None)

    def all(self, scope: Scope) -> list[Machine]:
        return self.running

    async def start(
        self,
        scope: Scope,
        instance_id: str,
        words: tuple[str, ...],
        *,
        environment: Mapping[str, str],
        directory: str | None = None,
    ) -> LocalProgram:
        if self.gone:
            raise MachineGone("it ended")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            cwd=directory or "/",
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": str(self.folder), **environment},
            start_new_session=True,
        )
        return LocalProgram(process, None)

    def admit(self, scope: Scope, instance_id: str, user: str, public_key: str) -> None:
        raise NotImplementedError
