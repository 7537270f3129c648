"""Model data: from S3, with the rights of the model's role, into a folder that instances share."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from sagehen.api.errors import ValidationException
from sagehen.archives.bounds import in_thread
from sagehen.archives.tar import UnusableArchive, unpack_tar
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.domain.timeouts import timeout
from sagehen.services.sagemaker.models import uncompressed
from sagehen.services.sagemaker.models.uncompressed import UnusableFiles
from sagehen.services.sagemaker.roles.sessions import SERVICE
from sagehen.services.sagemaker.transfers import uris


class ModelDataUnavailable(Exception):
    """The model cannot be had; the message is the endpoint's FailureReason."""


@dataclass(frozen=True, slots=True)
class WantedModel:
    """What one variant of an endpoint wants brought.

    Args:
        variant: Its name, for reasons.
        uri: The S3 URI of its data; None is an empty folder.
        layout: What lies there: `archive`, `object` or `prefix`.
        role_arn: Of the model's execution role, for reasons.
        timeout_s: ModelDataDownloadTimeoutInSeconds.
    """

    variant: str
    uri: str | None
    layout: str
    role_arn: str
    timeout_s: float


class ModelData:
    """Downloads each model once, however many instances ask for it."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._locks: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()

    async def bring(self, model: WantedModel, principal: Principal, region: str, folder: Path) -> None:
        """Make `folder` hold the model; it is complete once it has its name.

        Args:
            principal: The session of the model's role.
            region: For reasons.

        Raises:
            ModelDataUnavailable: The role may not read it, there is none, it is no usable archive, or it
                takes longer than `timeout_s`.
        """
        lock = self._locks.setdefault(folder, asyncio.Lock())  # kept for as long as somebody is here
        async with lock:
            if folder.exists():  # noqa: ASYNC240 - one stat
                return
            partial = folder.with_name(f"{folder.name}.partial")
            await asyncio.to_thread(_make_clean, partial)
            if model.uri is not None:
                try:
                    async with timeout(model.timeout_s):
                        await self._fill(model, model.uri, principal, partial)
                except (AccessDenied, NoSuchObject) as error:
                    raise ModelDataUnavailable(no_access(model.uri, model.role_arn, region)) from error
                except TimeoutError:
                    raise ModelDataUnavailable(
                        f"Model data download timed out for variant {model.variant}."
                    ) from None
            await asyncio.to_thread(partial.rename, folder)

    async def _fill(self, model: WantedModel, uri: str, principal: Principal, folder: Path) -> None:
        if model.layout == "archive":
            await self._unpack(uri, model.variant, principal, folder)
            return
        try:
            await uncompressed.bring(
                self._objects, principal, uri, folder, is_prefix=model.layout == "prefix"
            )
        except UnusableFiles as error:
            raise ModelDataUnavailable(
                f"Failed to download model data from {uri} for variant {model.variant}: {error}"
            ) from error

    async def _unpack(self, uri: str, variant: str, principal: Principal, folder: Path) -> None:
        try:
            bucket, key = uris.split(uri)
        except ValidationException as error:  # a container's variables say anything
            raise ModelDataUnavailable(str(error)) from error
        archive = folder.with_name(f"{folder.name}.tar")
        await asyncio.to_thread(archive.unlink, True)
        await self._objects.download(principal, bucket, key, archive)
        try:
            await in_thread(lambda patience: unpack_tar(archive, folder, None, patience))
        except (UnusableArchive, OSError) as error:
            raise ModelDataUnavailable(
                f"Failed to extract model data archive from {uri} for variant {variant}: {error}"
            ) from error
        finally:
            await asyncio.to_thread(archive.unlink, True)


def no_access(uri: str, role_arn: str, region: str) -> str:
    """Return AWS's words where a role cannot read model data, for CreateModel's error and FailureReason.

    From memory; CreateModel adds a sentence of its own.
    """
    return (
        f'Could not access model data at {uri}. Please ensure that the role "{role_arn}" exists and '
        'that its trust relationship policy allows the action "sts:AssumeRole" for the service '
        f'principal "{SERVICE}". Also ensure that the role has "s3:GetObject" '
        f"permissions and that the object is located in {region}."
    )


def _make_clean(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
