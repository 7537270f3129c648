"""ModelStore: the models of a multi-model endpoint on one instance's disk, brought from S3 when asked for.

What is in memory stays; of the rest the least recently used ones go once there is more than the disk may
hold. A model that was brought is not looked at in S3 again, as on AWS: there a new version has a new name.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from sagehen.archives.bounds import DEFAULT_BYTES
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.compute.node_data import NodeGone
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.executors.folders.removal import remove_tree
from sagehen.services.sagemaker.endpoints.endpoint import EndpointVariant
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.models.data import ModelData
from sagehen.services.sagemaker.models.wanted import ModelDataUnavailable, WantedModel
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.transfers import uris
from sagehen.serving.errors import ModelUnavailable
from sagehen.serving.multimodel.source import Fetched

# On an instance's disk, however small they are.
_MOST_MODELS = 10_000
# Where a container sees them. Documented: SageMaker Developer Guide, contract for custom containers.
MODELS = "/opt/ml/models"


class ModelStore:
    """One instance's models; a `ModelSource`.

    Args:
        folder: Of the instance; its container sees it at `MODELS`.
        show: Has a model's folder seen by the container as it is now, wherever that runs.
        most_bytes: What models that are not in memory may hold there, together with those that are.
        node: Where the container is, which gets models by itself; None: here.
    """

    def __init__(
        self,
        means: Means,
        model_data: ModelData,
        variant: EndpointVariant,
        region: str,
        folder: Path,
        show: Callable[[Path], Awaitable[None]],
        most_bytes: int = DEFAULT_BYTES,
        node: str | None = None,
    ) -> None:
        self._means = means
        self._model_data = model_data
        self._variant = variant
        self._region = region
        self._folder = folder
        self._show = show
        self._showing = asyncio.Lock()
        self._most_bytes = most_bytes
        self._node = node
        self._sizes: OrderedDict[str, int] = OrderedDict()  # the least recently loaded first
        self._in_use: set[str] = set()
        self._left = itertools.count()

    def name_of(self, model: str) -> str:
        """See the protocol: 128 bits of a hash, whatever the key says."""
        return hashlib.sha256(model.encode()).hexdigest()[:32]

    async def fetch(self, model: str) -> Fetched:
        """See the protocol; with the rights that the execution role has now."""
        bucket, key = _key(self._variant.model_data or "", model)
        name = self.name_of(model)
        folder = self._folder / name / "model"
        self._in_use.add(model)
        try:
            seconds = None
            if model not in self._sizes:
                seconds, size = await self._bring(bucket, key, folder)
                await self._make_seen(folder)
                self._sizes[model] = size
            self._sizes.move_to_end(model)
            await self._shrink()
        except BaseException:
            self._in_use.discard(model)
            raise
        return Fetched(name, f"{MODELS}/{name}/model", seconds)

    def unused(self, model: str) -> None:
        """See the protocol."""
        self._in_use.discard(model)

    async def _bring(self, bucket: str, key: str, folder: Path) -> tuple[float, int]:
        """Return the seconds that it took, and the size of what came."""
        variant, began = self._variant, time.monotonic()
        try:
            session = await sessions.assume(self._means.roles, variant.role_arn)
            if self._node is None:
                await asyncio.to_thread(folder.parent.mkdir, parents=True, exist_ok=True)
            uri, timeout_s = f"s3://{bucket}/{key}", variant.download_timeout_s
            wanted = WantedModel(variant.name, uri, "archive", variant.role_arn, timeout_s, self._region)
            size = await self._model_data.bring(wanted, session, folder, self._node)
        except NodeGone as error:
            raise ModelUnavailable(_no_place(error)) from error
        except (ModelDataUnavailable, AccessDenied) as error:
            await self._model_data.remove(folder.parent)  # also what a node knows of it: names are anybody's
            if isinstance(error, AccessDenied) or isinstance(error.__cause__, (AccessDenied, NoSuchObject)):
                raise ModelUnavailable(_no_download(bucket, key)) from error
            raise ModelUnavailable(str(error)) from error
        return time.monotonic() - began, size

    async def _make_seen(self, folder: Path) -> None:
        try:
            async with self._showing:
                # What a node has got has this very name there; what is here is sent from the top.
                await self._show(folder.parent if self._node is None else folder)
        except OSError as error:
            await self._model_data.remove(folder.parent)
            raise ModelUnavailable(_no_place(error)) from error

    async def _shrink(self) -> None:
        while sum(self._sizes.values()) > self._most_bytes or len(self._sizes) > _MOST_MODELS:
            # Looked for anew each time: another load may have made room meanwhile.
            model = next((each for each in self._sizes if each not in self._in_use), None)
            if model is None:
                return
            del self._sizes[model]
            # At once out of the way of who brings it again meanwhile.
            leaving = self._folder / f"{self.name_of(model)}.{next(self._left)}"
            if self._node is None:
                (self._folder / self.name_of(model)).rename(leaving)
                await asyncio.to_thread(remove_tree, leaving)
            async with self._showing:
                if model not in self._in_use:  # else it is just being brought again
                    with contextlib.suppress(OSError):  # its machine is gone, and the model with it
                        await self._show(self._folder / self.name_of(model))


def _key(prefix: str, model: str) -> tuple[str, str]:
    """Return the bucket and the key of a model.

    SDK v2's `list_models` gives names with a leading slash where the prefix has no trailing one.

    Raises:
        ModelUnavailable: It would lead out of the prefix.
    """
    bucket, inner = uris.split(prefix)
    key = uris.join(inner, model.removeprefix("/"))
    parts = model.removeprefix("/").split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise ModelUnavailable(_no_download(bucket, key))
    return bucket, key


def _no_place(error: Exception) -> str:
    return f"The model cannot be put where its instance runs: {error}"


def _no_download(bucket: str, key: str) -> str:
    """Return AWS's words. Public troubleshooting guides quote their beginning; the rest is from memory."""
    return (
        f"Failed to download model data (bucket: {bucket}, key: {key}). Please ensure that there is an "
        "object located at the URL and that the role passed to CreateModel has permissions to download "
        "the model."
    )
