"""Images: the container images that functions are made of, taken with the rights of whoever names them."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.compute.container_images import ContainerImages
from sagehen.services.lambda_.errors import InvalidParameterValueException


@dataclass(frozen=True, slots=True)
class TakenImage:
    """An image that a function may be.

    Args:
        uri: As it was named.
        resolved: By its digest.
        sha: The digest, hexadecimal.
    """

    uri: str
    resolved: str
    sha: str


class FunctionImages:
    """Looks images up in the platform's registries; None: it has none.

    On AWS the repository's policy must let Lambda pull, and Lambda adds that itself for whoever may set it.
    Here whoever names an image must be let pull it.
    """

    def __init__(self, registries: ContainerImages | None) -> None:
        self._registries = registries

    async def take(self, context: RequestContext, uri: str) -> TakenImage:
        """Return an image that is there, can be run here, and may be pulled by the caller. It is unpacked.

        Raises:
            InvalidParameterValueException: There is none, or it cannot be run.
            AccessDenied: The caller may not pull it.
            NotImplementedOperation: There are no registries.
        """
        if self._registries is None:
            raise NotImplementedOperation("Container images as functions are not implemented.")
        resolved = self._registries.resolved(uri)
        if resolved is None:  # both recorded, in public issues of Terraform's users
            known = self._registries.has(uri) is not None
            fault = "does not exist" if known else "is not valid"
            raise InvalidParameterValueException(f"Source image {uri} {fault}. Provide a valid source image.")
        try:
            image = await self._registries.bring(resolved, context.principal)
        except AccessDenied as error:
            # Recorded. What is missing stands behind it.
            error.message = (
                "Lambda does not have permission to access the ECR image. Check the ECR permissions. "
                f"({error.message})"
            )
            raise
        except ServiceError as error:
            raise InvalidParameterValueException(error.message) from None
        image.release()
        return TakenImage(uri, resolved, image.digest.removeprefix("sha256:"))

    async def unpack(self, resolved: str) -> None:
        """Unpack an image that a function is, where it is not.

        Raises:
            ServiceError: It has been deleted.
        """
        assert self._registries is not None
        (await self._registries.bring(resolved, None)).release()
