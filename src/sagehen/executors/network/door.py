"""The variables by which programs inside a sandbox find the platform's door and, through it, the internet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sagehen.executors.base import Mount

_OWN, _BUNDLE = "ca.pem", "bundle.pem"
# Who reads what: botocore and the CLI; requests and pip; OpenSSL, Python's ssl, httpx, Go, Ruby; curl; git.
_BUNDLE_VARIABLES = (
    "AWS_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
)


def trust_variables(folder: str) -> dict[str, str]:
    """Return what makes programs trust the local CA as well as those whom the system trusts.

    Args:
        folder: Where `ca.pem` and `bundle.pem` lie.
    """
    # Node adds a file to those that it brings along; everybody else takes the file for all there are.
    own = {"NODE_EXTRA_CA_CERTS": f"{folder}/{_OWN}"}
    return own | dict.fromkeys(_BUNDLE_VARIABLES, f"{folder}/{_BUNDLE}")


def trust_mounts(ca_file: Path, folder: str) -> list[Mount]:
    """Return the mounts that `trust_variables` of that folder needs.

    Args:
        ca_file: The local CA's certificate; the bundle, where there is one, lies beside it.
    """
    bundle = ca_file.with_name(_BUNDLE)
    return [
        Mount(ca_file, f"{folder}/{_OWN}"),
        Mount(bundle if bundle.exists() else ca_file, f"{folder}/{_BUNDLE}"),
    ]


def door_environment(
    platform_port: int, trust_folder: str | None, hosts: Iterable[str] = ()
) -> dict[str, str]:
    """Return what every AWS SDK and HTTP library reads.

    Args:
        platform_port: Where the front door answers inside.
        trust_folder: Where `trust_mounts` put the authorities; None leaves HTTPS to the system's.
        hosts: Names inside the sandbox's own network, which are not to be asked of the proxy.
    """
    address = f"http://127.0.0.1:{platform_port}"
    aside = ",".join(("127.0.0.1", "localhost", *hosts))
    variables = {"AWS_ENDPOINT_URL": address, "NO_PROXY": aside, "no_proxy": aside}
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        variables |= {name: address, name.lower(): address}
    if trust_folder is not None:
        variables |= trust_variables(trust_folder)
    return variables
