"""Layers: archives that functions share, published by version."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.services.lambda_.code.assembly import CodeRoom
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceNotFoundException,
)
from sagehen.services.lambda_.layers.records import LayerRecords, LayerVersion
from sagehen.services.lambda_.layers.requests import on_arn, on_layer, version_named
from sagehen.services.lambda_.names import LayerReference, parse_layer
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.shown import shown_sha, shown_time

# Documented: botocore's model, MaxItems is 50 at the most.
_PAGE = 50


class Layers:
    """PublishLayerVersion, GetLayerVersion, GetLayerVersionByArn, ListLayers, ListLayerVersions,
    DeleteLayerVersion."""

    def __init__(self, premises: Premises, records: LayerRecords, code: CodeRoom) -> None:
        self._records = records
        self._packages = code.packages
        self._downloads = code.downloads
        self._clock = premises.clock
        self._ids = premises.ids

    @operation("PublishLayerVersion", access=on_layer(version=False))
    async def publish_layer_version(self, context: RequestContext, request: Request) -> Request:
        """Store a new version of a layer; the first one makes the layer.

        Raises:
            InvalidParameterValueException, RequestEntityTooLargeException, CodeStorageExceededException.
        """
        reference = parse_layer(context.scope, request["LayerName"])
        if reference.scope != context.scope:
            raise InvalidParameterValueException(f"Invalid layer name: {request['LayerName']}")
        package = await self._packages.take(context, request["Content"])
        kept = ("Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo")
        details = {name: request[name] for name in kept if request.get(name) is not None}
        now, revision_id = self._clock.now(), self._ids.uuid()

        def make(version: int) -> LayerVersion:
            numbered = LayerReference(reference.scope, reference.name, version)
            return LayerVersion(numbered, now, package, details, revision_id)

        layer = await self._records.publish(make, reference)
        return self._shown(context, layer)

    @operation("GetLayerVersion", access=on_layer(version=True))
    async def get_layer_version(self, context: RequestContext, request: Request) -> Request:
        """Describe a version, with a URL that its archive can be fetched from for ten minutes."""
        reference = version_named(context, request)
        return self._shown(context, self._require(reference))

    @operation("GetLayerVersionByArn", access=on_arn)
    async def get_layer_version_by_arn(self, context: RequestContext, request: Request) -> Request:
        """As GetLayerVersion."""
        return self._shown(context, self._require(parse_layer(context.scope, request["Arn"])))

    @operation("ListLayers")
    async def list_layers(self, context: RequestContext, request: Request) -> Request:
        """List every layer with its latest version that fits the filters."""
        limit = request.get("MaxItems") or _PAGE
        after = sought(request.get("Marker"), (str,), listing="layers", error=InvalidParameterValueException)
        # Version 0 is behind every other: the walk goes on with the next layer.
        place = None if after is None else (after[0], 0)

        def read() -> list[LayerVersion]:
            latest: dict[str, LayerVersion] = {}
            for layer in self._records.walk(context.scope, after=place):
                if _fits(layer, request):
                    latest.setdefault(layer.reference.name, layer)
                if len(latest) > limit:
                    break
            return list(latest.values())

        found = await asyncio.to_thread(read)
        page = page_read(found, True, limit, key=lambda layer: layer.reference.name, listing="layers")
        listed = [
            {
                "LayerName": layer.reference.name,
                "LayerArn": layer.reference.layer_arn,
                "LatestMatchingVersion": _listed(layer),
            }
            for layer in page.items
        ]
        return {"Layers": listed, "NextMarker": page.next_token}

    @operation("ListLayerVersions", access=on_layer(version=False))
    async def list_layer_versions(self, context: RequestContext, request: Request) -> Request:
        """List the versions that fit the filters, newest first; of a layer that is not there none (no
        fault)."""
        reference = parse_layer(context.scope, request["LayerName"])
        listing, limit = f"layer {reference.name}", request.get("MaxItems") or _PAGE
        after = sought(request.get("Marker"), (int,), listing=listing, error=InvalidParameterValueException)
        place = None if after is None else (reference.name, after[0])

        def read() -> list[LayerVersion]:
            versions = self._records.walk(reference.scope, layer=reference.name, after=place)
            return list(itertools.islice((one for one in versions if _fits(one, request)), limit + 1))

        found = await asyncio.to_thread(read)
        page = page_read(found, True, limit, key=lambda layer: layer.reference.version, listing=listing)
        return {"LayerVersions": [_listed(layer) for layer in page.items], "NextMarker": page.next_token}

    @operation("DeleteLayerVersion", access=on_layer(version=True))
    async def delete_layer_version(self, context: RequestContext, request: Request) -> Reply:
        """Delete a version; functions that use it keep it. One that is not there is no fault."""
        await self._records.delete(version_named(context, request))
        return Reply({}, status=204)

    # --- pieces ----------------------------------------------------------------------------------

    def _require(self, reference: LayerReference) -> LayerVersion:
        layer = self._records.get(reference)
        if layer is None:
            raise ResourceNotFoundException("The resource you requested does not exist.")
        return layer

    def _shown(self, context: RequestContext, layer: LayerVersion) -> Request:
        package = layer.package
        return {
            **_listed(layer),
            "LayerArn": layer.reference.layer_arn,
            "Content": {
                "Location": self._downloads.url(context, package.sha),
                "CodeSha256": shown_sha(package.sha),
                "CodeSize": package.size,
            },
        }


def _fits(layer: LayerVersion, request: Request) -> bool:
    runtime, architecture = request.get("CompatibleRuntime"), request.get("CompatibleArchitecture")
    return (not runtime or runtime in layer.details.get("CompatibleRuntimes", ())) and (
        not architecture or architecture in layer.details.get("CompatibleArchitectures", ())
    )


def _listed(layer: LayerVersion) -> dict[str, Any]:
    return {
        "LayerVersionArn": layer.reference.arn,
        "Version": layer.reference.version,
        "CreatedDate": shown_time(layer.created_at),
        "Description": "",
        **layer.details,
    }
