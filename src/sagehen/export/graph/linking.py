"""Linking: texts that speak of other resources, of this account or of this region, become references."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sagehen.domain.s3_uris import bucket_and_key
from sagehen.export.graph.mentions import Mentions, together
from sagehen.export.graph.names import camel
from sagehen.export.graph.node import Node, leaves
from sagehen.export.graph.settings import Settings
from sagehen.export.graph.values import (
    Image,
    Named,
    Package,
    PolicyDocument,
    Ref,
    Stored,
    Text,
)

_BUCKET = "AWS::S3::Bucket"
# Ids that mean nothing in another account.
_NETWORK_ID = re.compile(r"^(subnet|sg|vpc|eni|ami|vol|snap)-[0-9a-f]{8,17}$")
# What functions and containers are told: there a bucket's bare name may stand for the bucket.
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
        self._stored_here = {
            f"arn:aws:s3:::{leaf.uri.removeprefix('s3://')}": leaf
            for node in nodes
            for leaf in leaves(node.properties)
            if isinstance(leaf, Stored) and (bucket_and_key(leaf.uri) or ("",))[0] in self._buckets
        }
        self._settings = Settings()
        self._account = account_id
        self._mentions = Mentions(nodes, self._buckets, self._settings, region, account_id)

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
            # What a program is told may come later, too: two functions may be told of one another.
            return self._text(value, node, by_name=by_name or any(name in _TOLD for name in path))
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
            return together(
                self._marked(one, node) if not isinstance(one, str) else one for one in value.parts
            )
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
            return self._text(uri, node, by_name=True)
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

    def _text(self, text: str, node: Node, *, by_name: bool) -> Any:
        if match := _NETWORK_ID.match(text):
            about = f"What {text} was here, for {node.label}."
            return self._settings.of("network", text, camel(f"{match[1]} of {node.label}"), about)
        return together(self._mentions.parts(text, node.key, by_name=by_name))
