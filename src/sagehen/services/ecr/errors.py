"""The errors of ECR: class name = AWS code. The sentences are recorded in public issues, else from memory."""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.domain.scope import Scope


class InvalidParameterException(ServiceError):
    """A parameter that cannot be."""


class InvalidTagParameterException(ServiceError):
    """A tag that cannot be."""


class TooManyTagsException(ServiceError):
    """More than fifty."""


class LimitExceededException(ServiceError):
    """More than there may be."""


class RepositoryAlreadyExistsException(ServiceError):
    """There is one of that name."""


class RepositoryNotEmptyException(ServiceError):
    """It holds images, and was not to be deleted with them."""


class RepositoryNotFoundException(ServiceError):
    """There is none of that name."""


class RepositoryPolicyNotFoundException(ServiceError):
    """The repository has no policy."""


class LifecyclePolicyNotFoundException(ServiceError):
    """The repository has no lifecycle policy."""


class LifecyclePolicyPreviewNotFoundException(ServiceError):
    """No preview was asked for."""


class ImageNotFoundException(ServiceError):
    """There is no such image."""


class ImageAlreadyExistsException(ServiceError):
    """The image is there, with this tag."""


class ImageTagAlreadyExistsException(ServiceError):
    """The tag is another image's, and immutable."""


class ImageDigestDoesNotMatchException(ServiceError):
    """The manifest is not the one of the digest that was given."""


class LayersNotFoundException(ServiceError):
    """A manifest refers to contents that are not in the repository."""


class ReferencedImagesNotFoundException(ServiceError):
    """An index refers to images that are not in the repository."""


class LayerAlreadyExistsException(ServiceError):
    """The repository has it."""


class InvalidLayerException(ServiceError):
    """What was uploaded is not what its digest says."""


class InvalidLayerPartException(ServiceError):
    """A part that does not begin where the last one ended."""


class EmptyUploadException(ServiceError):
    """Nothing was uploaded."""


class UploadNotFoundException(ServiceError):
    """There is no such upload."""


def no_such_repository(scope: Scope, name: str) -> RepositoryNotFoundException:
    """Return the refusal of a repository that does not exist (recorded)."""
    return RepositoryNotFoundException(
        f"The repository with name '{name}' does not exist in the registry with id '{scope.account_id}'"
    )


def no_such_image(
    scope: Scope, repository: str, digest: str | None, tag: str | None
) -> ImageNotFoundException:
    """Return the refusal of an image that does not exist (recorded)."""
    return ImageNotFoundException(
        f"The image with imageId {{imageDigest:'{digest or 'null'}', imageTag:'{tag or 'null'}'}} does not "
        f"exist within the repository with name '{repository}' in the registry with id '{scope.account_id}'"
    )


def no_such_upload(scope: Scope, repository: str, upload: str) -> UploadNotFoundException:
    """Return the refusal of an upload that does not exist."""
    return UploadNotFoundException(
        f"The upload with id '{upload}' in the repository with name '{repository}' in the registry with id "
        f"'{scope.account_id}' does not exist"
    )
