"""`sagehen ssh i-…`: a shell in a machine, by the system's own client and a key for this one time."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from sagehen.cli.failure import fail
from sagehen.cli.operator import act


def ssh(data_folder: Path, instance_id: str, command: Sequence[str]) -> int:
    """Log in to an instance, or run a command there; return the client's exit code.

    Ends with a message where nothing runs, or there is no client.
    """
    client = shutil.which("ssh")
    if client is None:
        fail("sagehen ssh uses the system's ssh client, which is not here (Debian: openssh-client)")
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    way = act(data_folder, "ssh", {"InstanceId": instance_id, "PublicKey": public})
    with tempfile.TemporaryDirectory(prefix="sagehen-ssh-") as folder:
        identity, known = Path(folder) / "key", Path(folder) / "known_hosts"
        descriptor = os.open(identity, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        known.write_text(f"{instance_id} {way['HostKey']}\n")
        return subprocess.run(
            words(client, way, instance_id, identity, known, command), check=False
        ).returncode


def words(
    client: str,
    way: Mapping[str, Any],
    instance_id: str,
    identity: Path,
    known: Path,
    command: Sequence[str],
) -> list[str]:
    """Return the client's command line: the platform has named the instance, and `--` ends the options."""
    settings = {
        "IdentitiesOnly": "yes",
        "UserKnownHostsFile": f'"{known}"',
        "StrictHostKeyChecking": "yes",
        "HostKeyAlias": instance_id,
        "LogLevel": "ERROR",
    }
    options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
    place = [*("-p", str(int(way["Port"]))), *("-l", str(way["User"])), "--", str(way["Address"])]
    return [client, "-F", "none", "-i", str(identity), *options, *place, *command]
