"""The template as YAML, with what to do with it at its top."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from sagehen.export.graph.exported import Exported
from sagehen.export.writing.cloudformation.template import FILLED, Function, template
from sagehen.export.writing.comments import one_line
from sagehen.export.writing.steps import chosen, copies, packages_copied

FILE = "template.yaml"
# Documented ("AWS CloudFormation quotas"): bytes of a template's body in a request and in a bucket; resources
# and parameters of a template.
_LONGEST, _LONGEST_STORED = 51_200, 1_048_576
_MOST_RESOURCES, _MOST_PARAMETERS = 500, 200
_STACK, _CAPABILITY = "exported", "CAPABILITY_NAMED_IAM"


class _Dumper(yaml.SafeDumper):
    """PyYAML's, without anchors: CloudFormation has them, people do not."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def choose_scalar_style(self) -> Any:
        """Return the style: names in references need no quotes, which PyYAML gives whatever has a tag."""
        if getattr(self.event, "tag", None) in ("!Ref", "!GetAtt"):
            return ""
        return super().choose_scalar_style()

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _function(dumper: yaml.SafeDumper, function: Function) -> yaml.Node:
    tag = f"!{function.name}"
    if isinstance(function.argument, list):
        return dumper.represent_sequence(tag, function.argument, flow_style=True)
    return dumper.represent_scalar(tag, function.argument)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    lines = "\n" in text and all(line.isprintable() for line in text.split("\n"))
    style = "|" if lines and not text.startswith((" ", "\n")) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(Function, _function)
_Dumper.add_representer(str, _text)


def cloudformation(told: Exported) -> dict[str, bytes]:
    """Return the file of an export, by its name; packages lie beside it."""
    head = "".join(f"# {one_line(line)}".rstrip() + "\n" for line in _head(told))
    return {FILE: f"{head}\n{_body(told)}".encode()}


def _body(told: Exported) -> str:
    text: str = yaml.dump(template(told), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def _head(told: Exported) -> Iterator[str]:
    yield f"Exported from Sagehen's account {told.account_id} in {told.region}."
    yield from (f"Not in it: {remark}" for remark in told.remarks)
    yield ""
    yield from (f"  {command}" for command in commands(told))


def commands(told: Exported) -> Iterator[str]:
    """Yield the commands that deploy the template, for a shell of AWS's keys in its folder."""
    yield from chosen(told)
    yield from _past_quotas(told)
    given = " ".join(f'{one.name}="${one.name}"' for one in told.settings if one.default is None)
    deploy = (
        f"aws cloudformation deploy --template-file {FILE} --stack-name {_STACK} --capabilities {_CAPABILITY}"
    )
    if not (told.late and told.of_kind("bucket")):
        yield from packages_copied(told)
        yield deploy + (f" --parameter-overrides {given}" if given else "")
        return
    # `deploy` keeps what a parameter was: that the buckets are filled must be said.
    yield f"{deploy} --parameter-overrides {FILLED}=no {given}"
    yield from (*copies(told), *packages_copied(told))
    yield f"{deploy} --parameter-overrides {FILLED}=yes {given}"


def _past_quotas(told: Exported) -> Iterator[str]:
    document = template(told)
    sizes = (
        (len(_body(told).encode()), _LONGEST_STORED, "bytes"),
        (len(document["Resources"]), _MOST_RESOURCES, "resources"),
        (len(document.get("Parameters", ())), _MOST_PARAMETERS, "parameters"),
    )
    if sizes[0][0] > _LONGEST:
        yield "# It is too long to be sent: add --s3-bucket with a bucket of yours to each deploy."
    for count, most, what in sizes:
        if count > most:
            yield f"# It has {count} {what}, and no stack may have more than {most}: export chains."
