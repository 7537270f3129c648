"""The service models of the installed botocore, loaded on first use."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import threading
import zlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from sagehen.protocol.models.description import Metadata, ServiceDescription

# Metadata come first in every model; the rest, megabytes in all, stays unread.
_HEAD_BYTES = 4096
_GZIP = b"\x1f\x8b"
# As they lie on the disk, compressed. EC2's has 750 operations and takes 60 ms and 10 MB; together with S3's,
# SageMaker's and Systems Manager's 25 MB, which who does not use them does not pay for.
_LARGE_BYTES = 140_000


class Catalog:
    """The services that the platform speaks, with the lookups that identification needs.

    A service is told from another by the metadata at the head of its model. The whole of SageMaker's takes
    ~15 ms to load: cheaper than keeping a cache of our own in step with botocore's version.

    Args:
        names: botocore's names of the services, in order of preference where two could answer.
        data: botocore's data folder; by default that of the installed package.
    """

    def __init__(self, names: Iterable[str], data: Path | None = None) -> None:
        self.names = tuple(names)
        self._data = data or botocore_data()
        self._loaded: dict[str, ServiceDescription] = {}
        self._heads: dict[str, Metadata] = {}
        self._loading = threading.Lock()

    def is_large(self, name: str) -> bool:
        """Tell whether a model is better loaded when it is first asked for, and not in the event loop."""
        return name not in self._loaded and self._model(name).stat().st_size > _LARGE_BYTES

    def service(self, name: str) -> ServiceDescription:
        """Return a service's model; from any thread.

        Raises:
            KeyError: The service is not in this catalog.
        """
        found = self._loaded.get(name)
        if found is None:
            if name not in self.names:
                raise KeyError(name)
            with self._loading:  # one description each: shapes are compared by identity
                found = self._loaded.get(name) or self._load(name)
                self._loaded[name] = found
        return found

    def operation_names(self, name: str) -> tuple[str, ...]:
        """Return the operations of a service that botocore knows, without making their shapes."""
        return self.service(name).operation_names()

    def by_target_prefix(self, prefix: str) -> ServiceDescription | None:
        """Return the service of `X-Amz-Target: <prefix>.<Operation>`."""
        name = self._target_prefixes.get(prefix)
        return self.service(name) if name else None

    def by_signing_name(self, signing_name: str) -> tuple[str, ...]:
        """Return the services signed for with this name (`sagemaker` has two)."""
        return self._signing_names.get(signing_name, ())

    def by_endpoint_prefix(self, prefix: str) -> tuple[str, ...]:
        """Return the services whose host begins so (`api.sagemaker`, `monitoring`)."""
        return self._endpoint_prefixes.get(prefix, ())

    def by_api_version(self, version: str) -> tuple[str, ...]:
        """Return the query-speaking services (query, ec2) of an API version."""
        return self._api_versions.get(version, ())

    @cached_property
    def _target_prefixes(self) -> dict[str, str]:
        return {prefix: name for name in self.names if (prefix := self._head(name).target_prefix)}

    @cached_property
    def _signing_names(self) -> dict[str, tuple[str, ...]]:
        return _group((self._head(name).signing_name, name) for name in self.names)

    @cached_property
    def _endpoint_prefixes(self) -> dict[str, tuple[str, ...]]:
        return _group((self._head(name).endpoint_prefix, name) for name in self.names)

    @cached_property
    def _api_versions(self) -> dict[str, tuple[str, ...]]:
        return _group(
            (self._head(name).api_version, name)
            for name in self.names
            if {"query", "ec2"} & set(self._head(name).protocols)
        )

    def _head(self, name: str) -> Metadata:
        loaded = self._loaded.get(name)
        if loaded is not None:
            return loaded
        head = self._heads.get(name)
        if head is None:
            found = read_metadata(self._model(name))
            head = self._heads[name] = Metadata(found) if found else self.service(name)
        return head

    def _load(self, name: str) -> ServiceDescription:
        raw = self._model(name).read_bytes()
        return ServiceDescription(name, orjson.loads(gzip.decompress(raw) if raw[:2] == _GZIP else raw))

    def _model(self, name: str) -> Path:
        # Folders are dates, so that the newest version sorts last.
        versions = sorted((self._data / name).glob("*/service-2.json*"))
        if not versions:
            raise LookupError(f"botocore has no service {name!r}")
        return versions[-1]


def read_metadata(model: Path) -> Mapping[str, Any] | None:
    """Return the metadata at the head of a model's file; None where they are not there."""
    with model.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head[:2] == _GZIP:
        head = zlib.decompressobj(31).decompress(head)
    text = head.decode("utf-8", "ignore")
    begin = re.search(r'"metadata"\s*:\s*', text)
    if begin is None:
        return None
    try:
        metadata, _ = json.JSONDecoder().raw_decode(text, begin.end())
    except ValueError:
        return None
    return metadata if isinstance(metadata, dict) else None


def _group(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for key, name in pairs:
        groups[key] = (*groups.get(key, ()), name)
    return groups


def botocore_data() -> Path:
    """Find botocore's data without importing botocore."""
    spec = importlib.util.find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise LookupError("botocore is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "data"
