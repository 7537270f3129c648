"""`sagehen ca`: the authority that other machines have to trust."""

from __future__ import annotations

import sys
from pathlib import Path

from sagehen.app.data_folder import DataFolder
from sagehen.cli.failure import fail


def show(data_folder: Path) -> None:
    """Print it (PEM). Where it lies and its fingerprint go to standard error: the output is a file."""
    from cryptography import x509

    from sagehen.cluster.authority.certificates import fingerprint

    path = DataFolder(data_folder).authority / "ca.pem"
    try:
        text = path.read_text()
    except OSError:
        fail(
            f"{path} is not there: it is made when a platform is first opened to other machines "
            "(`sagehen up --host ADDRESS`) without a certificate that was given"
        )
    sys.stderr.write(f"{path}\nSHA-256 {fingerprint(x509.load_pem_x509_certificate(text.encode()))}\n")
    print(text, end="")
