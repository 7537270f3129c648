"""EveryService: whatever botocore knows, so that a 501 can name the operation that nobody has built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from sagehen.protocol.errors import IdentificationError
from sagehen.protocol.identification.host_names import aws_prefix, local_prefix
from sagehen.protocol.identification.identify import Identified, identify, rpc_name
from sagehen.protocol.models.catalog import Catalog, botocore_data, read_metadata

# Each may be tens of MB.
_CATALOGS_HELD = 4


@dataclass(frozen=True, slots=True)
class _Known:
    """What tells one service's requests from another's."""

    name: str
    signing_name: str
    endpoint_prefix: str
    target_prefix: str


class EveryService:
    """All services of the installed botocore. Reading what tells them apart takes some 0.3 s, once.

    Methods block: call them from a thread, one at a time.

    Args:
        data: botocore's data folder; by default that of the installed package.
    """

    def __init__(self, data: Path | None = None) -> None:
        self._data = data
        # A large model holds tens of MB: few are kept, for a client that asks again.
        self._catalog = lru_cache(_CATALOGS_HELD)(lambda names: Catalog(names, self._data))

    def identify(
        self,
        *,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        signing_name: str | None,
        host: str = "",
        body: bytes = b"",
    ) -> Identified | None:
        """Find the operation among all of AWS's; None where no service has it. Arguments as `identify`."""
        names = self._candidates(path, headers, signing_name, host)
        if not names:
            return None
        try:
            return identify(
                self._catalog(names), method=method, path=path, query=query, headers=headers,
                signing_name=signing_name, host=host, body=body,
            )  # fmt: skip
        except IdentificationError:
            return None

    def _candidates(
        self, path: str, headers: Mapping[str, str], signing_name: str | None, host: str
    ) -> tuple[str, ...]:
        target = rpc_name(path, headers)
        if target:
            named = [known.name for known in self._known if target == known.target_prefix]
            # Smithy's rpc path names the shape of the service, which its target prefix does not always.
            if named or signing_name is None:
                return tuple(named)
        if signing_name is not None:
            return tuple(known.name for known in self._known if known.signing_name == signing_name)
        labels = (aws_prefix(host) or local_prefix(host) or "").split(".")
        prefixes = {*labels[:2], ".".join(labels[:2])} - {""}
        return tuple(known.name for known in self._known if known.endpoint_prefix in prefixes)

    @cached_property
    def _known(self) -> tuple[_Known, ...]:
        found = []
        for folder in sorted((self._data or botocore_data()).iterdir()):
            versions = sorted(folder.glob("*/service-2.json.gz"))
            if versions and (metadata := read_metadata(versions[-1])):
                prefix = metadata.get("endpointPrefix", "")
                found.append(
                    _Known(
                        folder.name,
                        metadata.get("signingName", prefix),
                        prefix,
                        metadata.get("targetPrefix", ""),
                    )
                )
        return tuple(found)
