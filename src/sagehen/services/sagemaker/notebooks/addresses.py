"""Where notebook instances are, told so that whoever asks can go there.

    https://{label}.notebook.{region}.sagemaker.aws/          by names of AWS, through the proxy door
    http://{label}.notebook.{region}.localhost:4566/          browsers, which know names under localhost
    http://HOST:4566/_aws/notebook/{region}/{label}/          everybody else

The last is no way in: it leads to the second on this machine, and says what to do from another one
(`gateway/notebooks`).
"""

from __future__ import annotations

import ipaddress

# As the front door has them (`protocol.identification.host_names`), which is no room below this one.
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")
_LOCAL = ("localhost.localstack.cloud", "localhost")
BY_PATH = "/_aws/notebook/"


def base_path(region: str, label: str) -> str:
    """Return the path of a notebook instance at the platform's door; begins and ends with `/`.

    JupyterLab's base URL is one, whichever way its door is reached: this one.
    """
    return f"{BY_PATH}{region}/{label}/"


def address(label: str, region: str, *, host: str, secure: bool = False, from_sandbox: bool = False) -> str:
    """Return the URL of a notebook instance for somebody who reached the platform as `host`, the Host header.

    A page of its own origin wherever there is a name for it: what runs in it must not read what other
    pages of the platform's show. It is for a browser, so names under localhost need no resolver.
    """
    name, port = _name_and_port(host.lower())
    if name.endswith(_AWS):
        return f"https://{label}.notebook.{region}.sagemaker.aws/"
    scheme = "https" if secure else "http"
    domain = next((one for one in _LOCAL if name == one or name.endswith(f".{one}")), "localhost")
    is_here = name.endswith(f".{domain}") or name == domain or _is_loopback(name)
    if is_here and not from_sandbox:
        suffix = f":{port}" if port else ""
        return f"{scheme}://{label}.notebook.{region}.{domain}{suffix}/"
    return f"{scheme}://{host}{base_path(region, label)}"


def _name_and_port(host: str) -> tuple[str, str]:
    """Return the name of a Host header, an IPv6 address without its brackets, and its port or ''."""
    if host.startswith("["):
        name, _, rest = host[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        name, _, port = host.partition(":")
    return name, port if port.isdecimal() and port.isascii() else ""


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
