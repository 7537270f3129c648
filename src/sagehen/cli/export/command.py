"""Reads what there is, writes it to a folder, says what to do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial

from botocore.exceptions import BotoCoreError, ClientError

from sagehen.app.settings import data_option
from sagehen.cli.export.folder import require_new, write
from sagehen.cli.export.options import Format, Options, Rights
from sagehen.cli.export.uses import uses_of
from sagehen.cli.failure import fail
from sagehen.cli.running import NotRunning, RunningPlatform
from sagehen.export.check.check_list import check_list
from sagehen.export.graph.exported import Exported
from sagehen.export.reading.asking import Asked
from sagehen.export.whole import Whole, read
from sagehen.export.writing.cloudformation import written as cloudformation
from sagehen.export.writing.comments import one_line
from sagehen.export.writing.script import written as script
from sagehen.export.writing.terraform import written as terraform

_WRITERS: Mapping[Format, Callable[[Exported], dict[str, bytes]]] = {
    Format.CLOUDFORMATION: cloudformation.cloudformation,
    Format.TERRAFORM: terraform.terraform,
    Format.BOTO3: script.script,
}
_COMMANDS = {
    Format.CLOUDFORMATION: cloudformation.commands,
    Format.TERRAFORM: terraform.commands,
    Format.BOTO3: script.commands,
}
# What a language has no word for.
_REMARKS = {Format.TERRAFORM: terraform.remarks}


def export(options: Options) -> None:
    """Do what the command line asks."""
    try:
        if not options.check:
            require_new(options.to)
        running = RunningPlatform.find(options.data.absolute())
        # A client takes 20 ms to make, and each is asked a hundred times.
        asked = Asked(cache(running.client), running.region, running.account_id)
        asks = options.check or options.rights is Rights.USED
        found = read(asked, options.chain, partial(uses_of, options.data) if asks else None)
        if options.check:
            _show_check_list(found)
            return
        write(options.to, _WRITERS[options.format](found.told), found.told.packages)
    except (NotRunning, ValueError) as reason:
        fail(one_line(str(reason)))
    except (BotoCoreError, ClientError, OSError) as error:
        fail(f"it cannot be exported: {one_line(str(error))}")
    _show_what_is_next(options, found.told)


def _show_what_is_next(options: Options, told: Exported) -> None:
    print(f"{len(told.nodes)} resources, in {options.to}")
    of_language = _REMARKS[options.format](told) if options.format in _REMARKS else ()
    for remark in (*told.remarks, *of_language):
        print(f"not in it: {one_line(remark)}")
    print(
        "\nTo deploy it, in that folder, with AWS's keys (`sagehen export --check` says what to know before):"
    )
    here = f"$(sagehen env{data_option(options.data)})"
    for command in _COMMANDS[options.format](told):
        print(f"  {one_line(command).replace('$(sagehen env)', here)}")


def _show_check_list(found: Whole) -> None:
    for heading, lines in check_list(found.told, found.granted, found.used):
        print(f"{heading}:")
        for line in lines:
            print(f"  - {one_line(line)}")
