"""main.tf, with what to do with it at its top."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sagehen.export.graph.exported import Exported
from sagehen.export.graph.names import snake
from sagehen.export.graph.node import Node, references
from sagehen.export.graph.values import Key, Place, Ref, Setting, Text
from sagehen.export.writing.comments import one_line
from sagehen.export.writing.steps import chosen, copies
from sagehen.export.writing.terraform.expressions import expression, quoted
from sagehen.export.writing.terraform.kinds import KINDS, OF_FUNCTIONS
from sagehen.export.writing.terraform.parts import Part, parts
from sagehen.export.writing.terraform.resources import Resources, arguments

FILE = "main.tf"
_BUCKET, _ROLE = "AWS::S3::Bucket", "AWS::IAM::Role"
_PROVIDER = """terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}"""


def terraform(told: Exported) -> dict[str, bytes]:
    """Return the file of an export, by its name; packages lie beside it."""
    written = _Written(told)
    blocks = [*_variables(told), *written.blocks(), *_outputs(told, written)]
    head = "\n".join(f"# {one_line(line)}".rstrip() for line in _head(told, written))
    return {FILE: "\n\n".join([head, _PROVIDER, *blocks]).encode() + b"\n"}


def commands(told: Exported) -> Iterator[str]:
    """Yield the commands that deploy it, for a shell of AWS's keys in its folder."""
    yield from chosen(told, without=("packages",))
    given = " ".join(f'-var "{snake(one.name)}=${one.name}"' for one in _wanted(told) if one.default is None)
    yield "terraform init"
    buckets = [snake(told.names[node.key]) for node in told.nodes if node.type == _BUCKET]
    if buckets and told.of_kind("object"):
        yield f"terraform apply {given} {' '.join(f'-target=aws_s3_bucket.{name}' for name in buckets)}"
        yield from copies(told)
    yield f"terraform apply {given}".rstrip()


def remarks(told: Exported) -> list[str]:
    """Return what the table of arguments has no word for."""
    written = _Written(told)
    for _ in written.blocks():
        pass
    return written.lacking()


def _wanted(told: Exported) -> list[Setting]:
    return [setting for setting in told.settings if setting.kind != "packages"]


def _head(told: Exported, written: _Written) -> Iterator[str]:
    yield f"Exported from Sagehen's account {told.account_id} in {told.region}, for the AWS provider 5 and 6."
    yield from (f"Not in it: {remark}" for remark in (*told.remarks, *written.lacking()))
    yield ""
    yield from (f"  {command}" for command in commands(told))


def _variables(told: Exported) -> Iterator[str]:
    for setting in _wanted(told):
        lines = [f'variable "{snake(setting.name)}" {{', "  type = string"]
        lines.append(f"  description = {quoted(setting.about)}")
        if setting.default is not None:
            lines.append(f"  default = {quoted(setting.default)}")
        yield "\n".join([*lines, "}"])


class _Written:
    """Nodes as blocks."""

    def __init__(self, told: Exported) -> None:
        self._told = told
        self._nodes = {node.key: node for node in told.nodes}
        self.resources = Resources(self.spoken)
        versions = [node for node in told.nodes if node.type == OF_FUNCTIONS]
        self._published = frozenset(key for node in versions for key in references(node))

    def blocks(self) -> Iterator[str]:
        """Yield the blocks of all nodes."""
        for node in self._told.nodes:
            if node.type == OF_FUNCTIONS:
                continue
            if node.type not in KINDS:
                self.resources.lacking.append(f"{node.label}, {node.type}")
                continue
            for part in self._parts(node):
                after = self._after(node) if not part.suffix else self._after_part(node, part)
                name = self._name(node.key, part.suffix)
                yield self.resources.block(part.resource, name, part.properties, after)

    def lacking(self) -> list[str]:
        """Return what the blocks so far do not say, each once."""
        return list(dict.fromkeys(self.resources.lacking))

    def _parts(self, node: Node) -> list[Part]:
        return list(parts(node, self._published))

    def _name(self, key: Key, suffix: str = "") -> str:
        return snake(self._told.names[key]) + (f"_{re.sub(r'[^a-z0-9_]', '_', suffix)}" if suffix else "")

    def _addresses(self, key: Key, *, apart: bool) -> list[str]:
        """Return the addresses of a node's parts; without its own where only what is set apart is meant."""
        node = self._nodes.get(key)
        if node is None or node.type not in KINDS:
            return []
        return [
            f"{part.resource}.{self._name(key, part.suffix)}"
            for part in self._parts(node)
            if part.suffix or not apart
        ]

    def _after(self, node: Node) -> list[str]:
        """Return what must be there first: what a node says so of, and the policies of roles that it has."""
        roles = [key for key in references(node) if key.type == _ROLE and node.type != _ROLE]
        policies = [address for key in roles for address in self._addresses(key, apart=True)]
        return [*(one for key in node.after for one in self._addresses(key, apart=False)), *policies]

    def _after_part(self, node: Node, part: Part) -> list[str]:
        if part.resource in ("aws_api_gateway_integration", "aws_api_gateway_method_response"):
            return [f"aws_api_gateway_method.{self._name(node.key)}"]
        if part.resource == "aws_api_gateway_integration_response":
            return [one for one in self._addresses(node.key, apart=True) if "integration_response" not in one]
        return []

    def spoken(self, ref: Ref) -> str:
        """Return what refers to another resource."""
        if ref.key.type == OF_FUNCTIONS:
            function = next(references(self._nodes[ref.key]))
            attribute = "version" if ref.attribute == "Version" else "qualified_arn"
            return f"aws_lambda_function.{self._name(function)}.{attribute}"
        resource = KINDS[ref.key.type]
        attribute = arguments()[resource].get("attributes", {}).get(ref.attribute) or snake(ref.attribute)
        return f"{resource}.{self._name(ref.key)}.{attribute}"


def _outputs(told: Exported, written: _Written) -> Iterator[str]:
    """Yield where stages are found: nobody can know it before."""
    for node in told.nodes:
        if node.type == "AWS::ApiGateway::Stage":
            api = node.properties["RestApiId"]
            parted = ("https://", api, ".execute-api.", Place.REGION, ".amazonaws.com/", Ref(node.key))
            value = expression(Text(parted), written.spoken)
            yield f'output "{snake(told.names[node.key])}_url" {{\n  value = {value}\n}}'
