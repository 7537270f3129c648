"""By which names browsers may reach the platform's own pages.

A page of anybody's can have a host name of its own, and let that name lead to 127.0.0.1 once it is loaded
(DNS rebinding): the browser then takes the platform for that page's origin. What cannot be led elsewhere are
addresses, names without a dot, which are this network's, and names of AWS's and below `localhost`, of which
no stranger is in charge.
"""

from __future__ import annotations

import ipaddress

from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.identification.host_names import aws_prefix, local_prefix


def is_origin_of_ours(host_name: str) -> bool:
    """Tell whether a Host header (lower case, without port) may be that of the console's pages."""
    if "." not in host_name and ":" not in host_name:
        return bool(host_name)
    try:
        ipaddress.ip_address(host_name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def is_console_origin(incoming: Incoming) -> bool:
    """Tell whether a request is for a host of which the console's pages may be."""
    return incoming.vouched or is_origin_of_ours(incoming.host_name)


def is_name_of_ours(host_name: str) -> bool:
    """Tell whether a Host header may be that of a request below `/_sagehen/`; clients may leave it out."""
    return (
        not host_name
        or is_origin_of_ours(host_name)
        or aws_prefix(host_name) is not None
        or local_prefix(host_name) is not None
    )
