from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sagehen.services.ec2.key_pairs.material import half_of
from sagehen.services.ec2_instance_connect.errors import InvalidArgsException
from sagehen.services.ec2_instance_connect.keys import checked

# The same in every process: cases are named by it.
LINE = half_of(Ed25519PrivateKey.from_private_bytes(bytes(range(32)))).line


def test_a_key_loses_its_comment() -> None:
    assert checked(f"{LINE} me@here\n") == LINE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ssh-ed25519",
        "ssh-ed25519 AAAA",
        f'command="sh" {LINE}',
        f"{LINE}\n{LINE}",
        f"cert-authority {LINE}",
        LINE.replace("ssh-ed25519", "ssh-rsa", 1),
        "ssh-rsa \N{SNOWMAN}",
    ],
)
def test_what_is_no_key_or_more_than_one_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgsException):
        checked(text)
