"""Roots: what machines of this computer have of it, and who is root there.

<folder>/commands   what machines find for `shutdown`, `sudo` and their like
<folder>/system     what is root's to change, see `executors.machines.roots.own`
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.machines.roots import own
from sagehen.executors.machines.roots.choice import RootKind, remembered_kind
from sagehen.services.ec2.hosts.local import disk


@dataclass(frozen=True, slots=True)
class Roots:
    """What is the same for every machine of a platform's life.

    Args:
        kind: Of their roots.
        commands: The folder of commands.
        lowers: What is laid under what they write.
    """

    kind: RootKind
    commands: Path
    lowers: Sequence[own.Lower] = ()


def make_roots(folder: Path) -> Roots:
    """Find out and write it. Blocking: some 100 ms, at this computer's first start 200 more."""
    system = folder / "system"
    system.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(1) as beside:  # a process is waited for meanwhile
        finding = beside.submit(remembered_kind, folder)
        lowers = own.write(system, with_local=not disk.may_own_local())
        kind = finding.result()
    disk.write_commands(folder / "commands", kind)
    return Roots(kind, folder / "commands", () if kind is RootKind.NONE else lowers)
