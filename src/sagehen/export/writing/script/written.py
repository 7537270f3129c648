"""The script."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from sagehen.domain.s3_uris import bucket_and_key
from sagehen.export.graph.exported import Exported
from sagehen.export.graph.names import snake
from sagehen.export.graph.node import Node
from sagehen.export.graph.values import Place, Ref, Setting, Text
from sagehen.export.writing.comments import one_line
from sagehen.export.writing.script.calls import Calls, client_name
from sagehen.export.writing.script.expressions import quoted
from sagehen.export.writing.steps import chosen, copies

FILE = "make.py"
_BUCKET = "AWS::S3::Bucket"


def script(told: Exported) -> dict[str, bytes]:
    """Return the file of an export, by its name; packages lie beside it."""
    calls = Calls(told)
    buckets = [node for node in told.nodes if node.type == _BUCKET]
    others = [node for node in told.nodes if node.type != _BUCKET]
    body = [
        *_statements(buckets, calls, told),
        *_filled(told),
        *_statements(others, calls, told),
        *_addresses(calls, told),
    ]
    pieces = [_head(told), _preamble(), _arguments(told), _clients(calls), "\n".join(body)]
    return {FILE: "\n\n".join(piece.strip("\n") for piece in pieces).encode() + b"\n"}


def commands(told: Exported) -> Iterator[str]:
    """Yield the commands that run the script, for a shell of AWS's keys in its folder."""
    yield from chosen(told, without=("packages",))
    given = " ".join(f'{_option(one)} "${one.name}"' for one in _wanted(told) if one.default is None)
    run = f"python {FILE} {given}".rstrip()
    if told.of_kind("bucket") and told.of_kind("object"):
        yield f"{run}   # makes the buckets, and says what they lack"
        yield from copies(told)
    yield run


def _head(told: Exported) -> str:
    lines = [
        "#!/usr/bin/env python3",
        f"# Exported from Sagehen's account {told.account_id} in {told.region}.",
        *(f"# Not in it: {one_line(remark)}" for remark in told.remarks),
        "#",
        *(f"#   {one_line(command)}" for command in commands(told)),
    ]
    return "\n".join(lines)


def _preamble() -> str:
    return (files("sagehen.export.writing.script") / "preamble.txt").read_text()


def _wanted(told: Exported) -> list[Setting]:
    return [setting for setting in told.settings if setting.kind != "packages"]


def _option(setting: Setting) -> str:
    return f"--{snake(setting.name).replace('_', '-')}"


def _arguments(told: Exported) -> str:
    lines = ["arguments = argparse.ArgumentParser()"]
    for setting in _wanted(told):
        default = "required=True" if setting.default is None else f"default={quoted(setting.default)}"
        about = quoted(setting.about.replace("%", "%%"))
        lines.append(f'arguments.add_argument("{_option(setting)}", {default}, help={about})')
    return "\n".join([*lines, "given = arguments.parse_args()"])


def _clients(calls: Calls) -> str:
    lines = [
        "session = boto3.Session()",
        "REGION = session.region_name",
        'ACCOUNT = session.client("sts").get_caller_identity()["Account"]',
    ]
    services = dict.fromkeys(["s3", *calls.services])
    return "\n".join([*lines, *(f'{client_name(one)} = session.client("{one}")' for one in services)])


def _statements(nodes: list[Node], calls: Calls, told: Exported) -> Iterator[str]:
    for node in nodes:
        yield f"\n# {told.names[node.key]}"
        yield from calls.of(node)


def _filled(told: Exported) -> Iterator[str]:
    """Yield what ends the script where the objects that it needs have not been copied yet."""
    wanted = []
    for setting in told.of_kind("object"):
        found = bucket_and_key(setting.here)
        bucket = next((one for one in told.of_kind("bucket") if found and one.here == found[0]), None)
        if bucket is not None:
            wanted.append(f"(given.{snake(bucket.name)}, given.{snake(setting.name)})")
    if wanted:
        yield '\nlacking = [f"s3://{bucket}/{key}" for bucket, key in ('
        yield from (f"    {one}," for one in wanted)
        yield ") if not is_there(bucket, key)]"
        yield "if lacking:"
        yield '    sys.exit("\\n".join(["copy these first, as is said at the top:", *lacking]))'


def _addresses(calls: Calls, told: Exported) -> Iterator[str]:
    """Yield what prints where stages are found: nobody can know it before."""
    for node in told.nodes:
        if node.type == "AWS::ApiGateway::Stage":
            api, stage = node.properties["RestApiId"], Ref(node.key)
            address = Text(("https://", api, ".execute-api.", Place.REGION, ".amazonaws.com/", stage))
            yield f"print({calls.expression(address)})"
