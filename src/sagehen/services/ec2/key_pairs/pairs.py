"""Key pairs as they are kept; whoever starts a machine asks here for its key."""

from __future__ import annotations

from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue
from sagehen.services.ec2.resources.kinds import KEY_PAIR
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View

# Documented: AWS's quota for a region.
MOST_PAIRS = 5000
_LONGEST_NAME = 255


def named(view: View, name: str) -> Resource:
    """Return the pair of that name; `PublicKey` in its body is what `authorized_keys` holds.

    Raises:
        Ec2Error: `InvalidKeyPair.NotFound`.
    """
    found = find(view, name)
    if found is None:
        raise KEY_PAIR.not_found(name)
    return found


def find(view: View, name: str) -> Resource | None:
    """Return the pair of that name; None where there is none."""
    rows = view.of(KEY_PAIR, name)
    return rows[0] if rows else None


def require_free(view: View, name: str) -> None:
    """Check that a pair of that name may be made.

    Raises:
        Ec2Error: `InvalidKeyPair.Duplicate`, `KeyPairLimitExceeded`.
    """
    if find(view, name) is not None:
        raise Ec2Error("InvalidKeyPair.Duplicate", f"The keypair already exists: {name}")
    if view.count(KEY_PAIR) >= MOST_PAIRS:
        raise Ec2Error("KeyPairLimitExceeded", "The maximum number of key pairs has been reached.")


def check_name(name: str) -> None:
    """Check the name of a pair that is to be made (documented: up to 255 ASCII characters).

    Raises:
        InvalidParameterValue.
    """
    if not name or len(name) > _LONGEST_NAME or not name.isascii() or not name.isprintable():
        raise InvalidParameterValue(
            f"Value ({name[:64]}) for parameter KeyName is invalid. Up to 255 ASCII characters are allowed, "
            "without leading or trailing spaces."
        )
    if name != name.strip():
        raise InvalidParameterValue(
            f"Value ({name[:64]}) for parameter KeyName is invalid. It begins or ends with a space."
        )
