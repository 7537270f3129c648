"""WantedModel: what an instance wants of S3, and in which words it does not get it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sagehen.api.errors import ValidationException
from sagehen.archives.tar import UnusableArchive
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.domain.timeouts import timeout
from sagehen.services.sagemaker.models.uncompressed import UnusableFiles
from sagehen.services.sagemaker.roles.sessions import SERVICE


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
        region: For reasons, and where requests of nodes are signed for.
    """

    variant: str
    uri: str | None
    layout: str
    role_arn: str
    timeout_s: float
    region: str


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


@contextlib.asynccontextmanager
async def reasons(model: WantedModel, uri: str) -> AsyncIterator[None]:
    """Bring a model within its time, or say why it is not there."""
    of_variant = f"from {uri} for variant {model.variant}"
    try:
        async with timeout(model.timeout_s):
            yield
    except (AccessDenied, NoSuchObject) as error:
        raise ModelDataUnavailable(no_access(uri, model.role_arn, model.region)) from error
    except ValidationException as error:  # a container's variables say anything
        raise ModelDataUnavailable(str(error)) from error
    except UnusableFiles as error:
        raise ModelDataUnavailable(f"Failed to download model data {of_variant}: {error}") from error
    except UnusableArchive as error:
        raise ModelDataUnavailable(f"Failed to extract model data archive {of_variant}: {error}") from error
    except TimeoutError:
        raise ModelDataUnavailable(f"Model data download timed out for variant {model.variant}.") from None
