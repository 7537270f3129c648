"""What other machines are shown, where `--host` lets them in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sagehen.app.reach import Reach
from sagehen.app.settings import Settings

if TYPE_CHECKING:
    from sagehen.gateway.tls.certificates import ServerCertificate


def server_certificate(settings: Settings, folder: Path, reach: Reach) -> ServerCertificate | None:
    """Return the certificate of the door to other machines; None where it is closed. Blocks for milliseconds.

    Args:
        folder: Of the platform's own authority.

    Raises:
        BadCertificate: The given one cannot be used, or names of this machine can be in none.
    """
    if not reach.others:
        return None
    from sagehen.cluster.authority.authority import Authority
    from sagehen.cluster.authority.names import BadName, checked
    from sagehen.gateway.tls.certificates import GivenCertificate, OwnCertificate
    from sagehen.gateway.tls.errors import BadCertificate

    if settings.tls_certificate is not None and settings.tls_key is not None:
        return GivenCertificate(settings.tls_certificate, settings.tls_key)
    try:
        names = checked(reach.names)
    except BadName as error:
        raise BadCertificate(str(error)) from None
    authority = Authority(folder)
    try:
        authority.ensure(names)
    except (OSError, ValueError) as error:
        raise BadCertificate(f"{folder}: {error}") from None
    return OwnCertificate(authority, names)
