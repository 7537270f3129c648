"""The variables by which programs inside a sandbox find the platform's door and, through it, the internet."""

from __future__ import annotations

from collections.abc import Iterable


def door_environment(platform_port: int, ca_file: str | None, hosts: Iterable[str] = ()) -> dict[str, str]:
    """Return what every AWS SDK and HTTP library reads.

    Args:
        platform_port: Where the front door answers inside.
        ca_file: The platform's certificate authority, as a path inside; None leaves HTTPS to the system's.
        hosts: Names inside the sandbox's own network, which are not to be asked of the proxy.
    """
    address = f"http://127.0.0.1:{platform_port}"
    aside = ",".join(("127.0.0.1", "localhost", *hosts))
    variables = {"AWS_ENDPOINT_URL": address, "NO_PROXY": aside, "no_proxy": aside}
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        variables |= {name: address, name.lower(): address}
    if ca_file is not None:
        variables["AWS_CA_BUNDLE"] = ca_file
    return variables
