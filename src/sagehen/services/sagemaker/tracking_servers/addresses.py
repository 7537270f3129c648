"""Where tracking servers are.

https://{region}.experiments.sagemaker.aws/            clients, who name one in a header (recorded: the
                                                       sagemaker-mlflow plug-in), through the proxy door
https://{label}.{region}.experiments.sagemaker.aws/    its page, through the proxy door
http://{label}.experiments.{region}.localhost:4566/    its page, for browsers, which know such names
"""

from __future__ import annotations

# As the front door has them (`protocol.identification.host_names`), which is no room below this one.
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".sagemaker.aws")


def page_address(label: str, region: str, *, host: str, secure: bool = False) -> str:
    """Return the URL of a tracking server's page for somebody who reached the platform as `host`.

    It has an origin of its own: what runs in it must not read what other pages of the platform's show.
    """
    name, _, port = host.lower().rpartition(":") if not host.endswith("]") else (host, "", "")
    if not port.isdecimal():
        name, port = host.lower(), ""
    if name.endswith(_AWS):
        return f"https://{label}.{region}.experiments.sagemaker.aws"
    suffix = f":{port}" if port else ""
    return f"{'https' if secure else 'http'}://{label}.experiments.{region}.localhost{suffix}"
