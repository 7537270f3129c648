"""Service-linked roles, as everything that changes roles must know them: AWS alone changes these.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""

from __future__ import annotations

from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.errors import UnmodifiableEntity

SERVICE_LINKED_PATH = "/aws-service-role/"


def require_modifiable(entity: Entity) -> None:
    """Refuse changes of a service-linked role.

    Raises:
        UnmodifiableEntity
    """
    if entity.kind is Kind.ROLE and entity.path.startswith(SERVICE_LINKED_PATH):
        raise UnmodifiableEntity(
            f"Cannot perform the operation on the protected role '{entity.name}' - this role is only"
            " modifiable by AWS"
        )
