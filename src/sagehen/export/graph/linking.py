"""Linking: texts that speak of other resources, of this account or of this region, become references."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sagehen.domain.s3_uris import bucket_and_key
from sagehen.export.graph.names import camel
from sagehen.export.graph.node import Node, leaves
from sagehen.export.graph.settings import Settings
from sagehen.export.graph.values import (
    Image,
    Named,
    Package,
    Place,
    PolicyDocument,
    Ref,
    Setting,
    Stored,
    Text,
)

_BUCKET = "AWS::S3::Bucket"
# Ids that mean nothing in another account.
_NETWORK_ID = re.compile(r"^(subnet|sg|vpc|eni|ami|vol|snap)-[0-9a-f]{8,17}$")
# Where a bucket's bare name may stand for the bucket: what functions and containers are told.
_TOLD = ("Environment", "HyperParameters")


def linked(nodes: Collection[Node], region: str, account_id: str) -> list[Node]:
    """Return nodes whose properties refer to one another.

    Args:
        region, account_id: Where they were read.
    """
    linker = _Linker(nodes, region, account_id)
    return [replace(node, properties=linker.value(node.properties, node)) for node in nodes]


class _Linker:
    def __init__(self, nodes: Collection[Node], region: str, account_id: str) -> None:
        self._keys = {node.key for node in nodes}
        self._buckets = {node.key.identity for node in nodes if node.type == _BUCKET}
        others = {node.key.identity for node in nodes if not node.type.startswith("AWS::S3::")}
        # What a bucket and an endpoint are both called is either's name.
        self._unmistakable = self._buckets - others
        self._mentions = {
            text: (Ref(node.key, attribute), node.generated)
            for node in nodes
            for text, attribute in node.mentions.items()
        }
        self._stored_here = {
            f"arn:aws:s3:::{leaf.uri.removeprefix('s3://')}": leaf
            for node in nodes
            for leaf in leaves(node.properties)
            if isinstance(leaf, Stored) and (bucket_and_key(leaf.uri) or ("",))[0] in self._buckets
        }
        self._settings = Settings()
        self._region, self._account = region, account_id
        self._pattern = self._patterns()

    def _patterns(self) -> re.Pattern[str]:
        arns = sorted(map(re.escape, self._mentions), key=len, reverse=True)
        buckets = sorted(map(re.escape, self._buckets), key=len, reverse=True)
        region, account = re.escape(self._region), re.escape(self._account)
        choices = [
            # A name may go on with any of these; behind an ARN stand a slash, a colon, `*`.
            *([rf"(?<!\w)(?P<mention>{'|'.join(arns)})(?![\w+=,.@-])"] if arns else []),
            *(
                [rf"(?P<before>arn:aws:s3:::|s3://)(?P<bucket>{'|'.join(buckets)})(?![a-z0-9.-])"]
                if buckets
                else []
            ),
            rf"(?P<arn>arn:aws:[a-z0-9-]+:)(?P<region>{region})?:(?P<account>{account}(?=:))?",
            rf"(?P<registry>{account}\.dkr\.ecr\.{region}\.)(?=amazonaws\.com)",
        ]
        return re.compile("|".join(choices))

    def value(self, value: Any, node: Node, path: tuple[str, ...] = (), *, by_name: bool = False) -> Any:
        """Return a value with references.

        Args:
            path: Names of members that lead to it.
            by_name: Whether what has a name of its own is named, not referred to: in a policy, so that
                it needs nothing to be there.
        """
        if isinstance(value, PolicyDocument):
            return self._document(value, node)
        if isinstance(value, Mapping):
            return {
                name: self.value(one, node, (*path, name), by_name=by_name) for name, one in value.items()
            }
        if isinstance(value, list):
            return [self.value(one, node, path, by_name=by_name) for one in value]
        if isinstance(value, str):
            if value in self._unmistakable and any(name in _TOLD for name in path):
                return self._settings.bucket(value)
            if (stored := self._stored_here.get(value)) is not None:
                return self._stored(stored, "arn:aws:s3:::")  # other data, other rights
            return self._text(value, node, path, by_name=by_name)
        return self._marked(value, node)

    def _document(self, document: Mapping[str, Any], node: Node) -> dict[str, Any]:
        statements = document.get("Statement", [])
        told = []
        for statement in statements if isinstance(statements, list) else [statements]:
            # AWS refuses a principal that is not there; what a policy is about may come later.
            told.append(
                {
                    name: self.value(one, node, by_name=name not in ("Principal", "NotPrincipal"))
                    for name, one in statement.items()
                }
            )
        return PolicyDocument({**document, "Statement": told})

    def _marked(self, value: Any, node: Node) -> Any:
        if isinstance(value, Text):
            parts = [self._marked(one, node) if not isinstance(one, str) else one for one in value.parts]
            joined = tuple(_joined(iter(parts)))
            return joined[0] if len(joined) == 1 else Text(joined)
        if isinstance(value, Named):
            if value.key == node.key:  # a bucket's own name
                return self._settings.bucket(value.name)
            return Ref(value.key, value.attribute) if value.key in self._keys else value.name
        if isinstance(value, Image):
            return self._image(value.uri, node)
        if isinstance(value, Stored):
            return self._stored(value)
        if isinstance(value, Package):
            return replace(value, bucket=self._settings.packages())
        return value

    def _image(self, uri: str, node: Node) -> Any:
        if uri.startswith(f"{self._account}.dkr.ecr."):
            return self._text(uri, node, (), by_name=True)
        repository = uri.rpartition("/")[2].partition(":")[0].partition("@")[0]
        about = f"The image of {repository}: AWS has it under another address in each region."
        return self._settings.of("image", uri, f"{camel(repository)}Image", about, uri)

    def _stored(self, stored: Stored, start: str = "s3://") -> Any:
        name, told = f"{camel(stored.label)}Data", bucket_and_key(stored.uri)
        if told is None or told[0] not in self._buckets or not stored.uri.startswith("s3://"):
            about = f"Where the data of {stored.label} lie."
            return self._settings.of("object", stored.uri, name, about, stored.uri)
        bucket, key = told
        about = f"The key of the data of {stored.label}, in the bucket that was {bucket} here."
        setting = self._settings.of("object", stored.uri, name, about, key)
        return Text((start, self._settings.bucket(bucket), "/", setting))

    def _text(self, text: str, node: Node, path: tuple[str, ...], *, by_name: bool) -> Any:
        if match := _NETWORK_ID.match(text):
            about = f"What {text} was here, for {node.label}."
            return self._settings.of("network", text, camel(f"{match[1]} of {node.label}"), about)
        parts = list(_joined(self._parts(text, node, by_name=by_name)))
        if len(parts) == 1:
            return parts[0]
        return Text(tuple(parts)) if parts else text

    def _parts(self, text: str, node: Node, *, by_name: bool) -> Iterator[str | Ref | Place | Setting]:
        position = 0
        for match in self._pattern.finditer(text):
            yield text[position : match.start()]
            position = match.end()
            groups = match.groupdict()
            if groups.get("bucket"):
                yield from (groups["before"], self._settings.bucket(groups["bucket"]))
            elif groups.get("registry"):
                yield from (Place.ACCOUNT, ".dkr.ecr.", Place.REGION, ".")
            elif mention := groups.get("mention"):
                ref, generated = self._mentions[mention]
                if ref.key == node.key or (by_name and not generated):
                    yield from self._places(mention)
                else:
                    yield ref
            else:
                yield from self._places(match[0])
        yield text[position:]

    def _places(self, text: str) -> Iterator[str | Place]:
        """Yield an ARN with the account and the region of wherever it will be."""
        start, *rest = text.split(":")
        for number, part in enumerate([start, *rest]):
            if number:
                yield ":"
            if number == 3 and part == self._region:
                yield Place.REGION
            elif number == 4 and part == self._account:
                yield Place.ACCOUNT
            else:
                yield part


def _joined(parts: Iterator[str | Ref | Place | Setting]) -> Iterator[str | Ref | Place | Setting]:
    """Yield parts with neighbouring texts made one, and without empty ones."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
        text = ""
        yield part
    if text:
        yield text
