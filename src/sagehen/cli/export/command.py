"""Reads what there is, writes it to a folder, says what to do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from sagehen.cli.export.folder import require_new, write
from sagehen.cli.export.options import Format, Options, Rights
from sagehen.cli.export.uses import Uses, uses_of
from sagehen.cli.failure import fail
from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.export.graph.chain import callers_of, chain
from sagehen.export.graph.exported import Exported, exported
from sagehen.export.graph.linking import linked
from sagehen.export.graph.rights import ROLE, with_used_rights
from sagehen.export.reading.account import everything, worth_exporting
from sagehen.export.reading.asking import Asked
from sagehen.export.writing.cloudformation import written as cloudformation
from sagehen.export.writing.comments import one_line
from sagehen.export.writing.script import written as script

_WRITERS: Mapping[Format, Callable[[Exported], dict[str, bytes]]] = {
    Format.CLOUDFORMATION: cloudformation.cloudformation,
    Format.BOTO3: script.script,
}
_COMMANDS = {Format.CLOUDFORMATION: cloudformation.commands, Format.BOTO3: script.commands}


def export(options: Options) -> None:
    """Do what the command line asks."""
    try:
        require_new(options.to)
        running = RunningPlatform.find(options.data.absolute())
        asked = Asked(running.client, running.region, running.account_id)
        uses = partial(uses_of, options.data) if options.rights is Rights.USED else None
        told = read(asked, options.chain, uses)
        write(options.to, _WRITERS[options.format](told))
    except (NotRunning, ValueError) as reason:
        fail(str(reason))
    except (BotoCoreError, ClientError, OSError) as error:
        fail(f"it cannot be exported: {error}")
    print(f"{len(told.nodes)} resources, in {options.to}")
    for remark in told.remarks:
        print(f"not in it: {one_line(remark)}")
    print("\nTo deploy it, in that folder, with AWS's keys:")
    for command in _COMMANDS[options.format](told):
        print(f"  {one_line(command)}")


def read(
    asked: Asked,
    endpoint: str | None,
    uses: Callable[[Sequence[str]], Mapping[str, Uses]] | None = None,
) -> Exported:
    """Return what is to be exported.

    Args:
        endpoint: Whose chain; None: everything.
        uses: Tells what roles were let do, which is all that they may then; None: as granted.

    Raises:
        ValueError: There is no such endpoint, or nothing at all.
    """
    region, account_id = asked.region, asked.account_id
    raw = everything(asked)
    used = uses([node.key.identity for node in raw if node.type == ROLE]) if uses else {}
    given, idle = with_used_rights(raw, used, region, account_id) if uses else (raw, [])
    nodes = linked(given, region, account_id)
    if endpoint is None:
        nodes = worth_exporting(nodes)
    else:
        arn = f"arn:aws:sagemaker:{region}:{account_id}:endpoint/{endpoint}"
        try:
            nodes = chain(nodes, endpoint, callers_of(raw, endpoint, arn, used))
        except KeyError:
            raise ValueError(f"there is no endpoint {one_line(endpoint)} in {region}") from None
    if not nodes:
        raise ValueError("there is nothing here that a template could have")
    names = {node.key.identity for node in nodes if node.type == ROLE}
    unused = [
        f"less rights for the role {name}: it has not called anything" for name in idle if name in names
    ]
    return exported(nodes, region, account_id, [*asked.remarks(), *unused])
