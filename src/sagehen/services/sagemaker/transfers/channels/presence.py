"""Whether a channel names anything, as AWS looks at creation."""

from __future__ import annotations

from sagehen.api.errors import ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transfers.channels.channel import Channel


async def require_objects(
    objects: Objects, principal: Principal, channel: Channel, region: str, role_arn: str
) -> None:
    """Check, as AWS does at creation, that a channel names at least one object.

    Raises:
        ValidationException: With AWS's wording.
    """
    bucket, key = uris.split(channel.uri)
    try:
        async for _ in objects.list_objects(principal, bucket, key):
            return
    except AccessDenied as error:
        raise ValidationException(error.message) from None
    except NoSuchObject:
        pass
    raise ValidationException(
        # Recorded in public repositories.
        f'No S3 objects found under S3 URL "{channel.uri}" given in input data source. Please ensure that '
        f"the bucket exists in the selected region ({region}), that objects exist under that S3 prefix, and "
        f'that the role "{role_arn}" has "s3:ListBucket" permissions on bucket "{bucket}".'
    )
