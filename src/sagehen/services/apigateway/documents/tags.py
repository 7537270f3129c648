"""Tags as API Gateway takes them."""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.domain.system_tags import counted, is_reserved
from sagehen.services.apigateway.errors import BadRequestException, LimitExceededException

MAX_TAGS = 50  # from memory: as of most services
# Both documented: TagResource, tags.
MAX_KEY = 128
MAX_VALUE = 256


def checked_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags of a request.

    Raises:
        BadRequestException: A reserved or overlong key, an overlong value.
        LimitExceededException: Too many.
    """
    for key, value in tags.items():
        if not 0 < len(key) <= MAX_KEY:
            raise BadRequestException(f"Tag keys must have between 1 and {MAX_KEY} characters")
        if is_reserved(key):
            raise BadRequestException("Tag keys cannot start with the reserved prefix aws:")
        if len(value) > MAX_VALUE:
            raise BadRequestException(f"Tag values must not have more than {MAX_VALUE} characters")
    if counted(tags) > MAX_TAGS:
        raise LimitExceededException(f"A resource cannot have more than {MAX_TAGS} tags")
    return {str(key): value for key, value in tags.items()}
