"""Model data: from S3, with the rights of the model's role, into a folder that instances share."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from weakref import WeakValueDictionary

from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.objects import NoSuchObject, Objects
from sagehen.services.sagemaker.archives.bounds import in_thread
from sagehen.services.sagemaker.archives.tar import UnusableArchive, unpack_tar
from sagehen.services.sagemaker.endpoints.endpoint import EndpointVariant
from sagehen.services.sagemaker.transfers import uris


class ModelDataUnavailable(Exception):
    """The model cannot be had; the message is the endpoint's FailureReason."""


class ModelData:
    """Downloads each variant's model once, however many instances ask for it."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._locks: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()

    async def bring(self, variant: EndpointVariant, principal: Principal, region: str, folder: Path) -> None:
        """Make `folder` hold the variant's model; it is complete once it has its name.

        Raises:
            ModelDataUnavailable.
        """
        lock = self._locks.setdefault(folder, asyncio.Lock())  # kept for as long as somebody is here
        async with lock:
            if folder.exists():  # noqa: ASYNC240 - one stat
                return
            partial = folder.with_name(f"{folder.name}.partial")
            await asyncio.to_thread(_make_clean, partial)
            if variant.model_data is not None:
                try:
                    async with asyncio.timeout(variant.download_timeout_s):
                        await self._download(variant, principal, partial)
                except (AccessDenied, NoSuchObject) as error:
                    raise ModelDataUnavailable(_no_access(variant, region)) from error
                except TimeoutError:
                    raise ModelDataUnavailable(
                        f"Model data download timed out for variant {variant.name}."
                    ) from None
            await asyncio.to_thread(partial.rename, folder)

    async def _download(self, variant: EndpointVariant, principal: Principal, folder: Path) -> None:
        assert variant.model_data is not None
        bucket, key = uris.split(variant.model_data)
        archive = folder.with_name(f"{folder.name}.tar")
        await asyncio.to_thread(archive.unlink, True)
        await self._objects.download(principal, bucket, key, archive)
        try:
            await in_thread(lambda patience: unpack_tar(archive, folder, None, patience))
        except (UnusableArchive, OSError) as error:
            raise ModelDataUnavailable(
                f"Failed to extract model data archive from {variant.model_data} "
                f"for variant {variant.name}: {error}"
            ) from error
        finally:
            await asyncio.to_thread(archive.unlink, True)


def _make_clean(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _no_access(variant: EndpointVariant, region: str) -> str:
    return (
        f"Could not access model data at {variant.model_data}. Please ensure that the role "
        f'"{variant.role_arn}" exists and that its trust relationship policy allows the action '
        '"sts:AssumeRole" for the service principal "sagemaker.amazonaws.com". Also ensure that the role '
        f'has "s3:GetObject" permissions and that the object is located in {region}.'
    )
