"""The variables that make one shell's AWS clients talk to this platform."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagehen.cli.running import RunningPlatform
from sagehen.executors.network.door import trust_variables

# What must not go through the proxy door: this machine, and the platform itself (`sagehen up --host`).
NO_PROXY = "127.0.0.1,localhost,::1"


def variables(platform: RunningPlatform, session: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return the environment for a shell.

    Args:
        platform: The running platform.
        session: `Credentials` of STS's AssumeRole; None uses the account's root.
    """
    result = {
        "AWS_ENDPOINT_URL": platform.url,
        "AWS_REGION": platform.region,
        "AWS_DEFAULT_REGION": platform.region,
        "AWS_ACCESS_KEY_ID": platform.access_key_id,
        "AWS_SECRET_ACCESS_KEY": platform.secret_access_key,
        # Clients that put the account before the host get a name that no resolver knows
        # (123456789012.127.0.0.1); this one is resolved by nobody, since the proxy door answers it.
        "AWS_ENDPOINT_URL_S3_CONTROL": f"https://s3-control.{platform.region}.amazonaws.com",
        # Clients that pin https://<service>.<region>.amazonaws.com arrive through the proxy door. Not
        # HTTP_PROXY: a CGI program takes it for a header of its request. Nor ALL_PROXY, which ssh and
        # git would send other protocols through.
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "http_proxy"), platform.url),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), _no_proxy(platform.host)),
        **trust_variables(str(Path(platform.ca_certificate).parent)),
    }
    return result | _keys(session)


def exports_elsewhere(
    platform: RunningPlatform, authority: str, session: Mapping[str, Any] | None = None
) -> str:
    """Return shell commands for another machine: its exports, and the file of whom to trust.

    The proxy door is not among them: it leads other machines to AWS's names here, and nowhere else.

    Args:
        platform: The running platform, open to other machines.
        authority: Its CA (PEM), which the commands write into a file of that machine; empty where the system
            there trusts who vouches for it.
        session: As `variables` takes it.
    """
    environment = {
        "AWS_ENDPOINT_URL": platform.elsewhere.url,
        "AWS_REGION": platform.region,
        "AWS_DEFAULT_REGION": platform.region,
        "AWS_ACCESS_KEY_ID": platform.access_key_id,
        "AWS_SECRET_ACCESS_KEY": platform.secret_access_key,
    } | _keys(session)
    if not authority:
        return exports(environment)
    name = hashlib.sha256(authority.encode()).hexdigest()[:16]
    file = f'"${{HOME}}/.sagehen/ca-{name}.pem"'
    lines = [
        'mkdir -p -m 700 "${HOME}/.sagehen"',
        f"printf '%s' {shlex.quote(authority)} > {file}",
        exports(environment),
        f"export AWS_CA_BUNDLE={file} NODE_EXTRA_CA_CERTS={file}",
    ]
    return "\n".join(lines)


def _keys(session: Mapping[str, Any] | None) -> dict[str, str]:
    if session is None:
        return {}
    return {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }


def _no_proxy(host: str) -> str:
    return NO_PROXY if host in (*NO_PROXY.split(","), "0.0.0.0", "::") else f"{NO_PROXY},{host}"


def exports(environment: Mapping[str, str]) -> str:
    """Return shell commands that set `environment`, for `eval`.

    A session token of an earlier role must not outlive a change to root, and AWS_PROFILE would win
    over the keys.
    """
    lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    lines.append("unset AWS_PROFILE" + ("" if "AWS_SESSION_TOKEN" in environment else " AWS_SESSION_TOKEN"))
    return "\n".join(lines)
