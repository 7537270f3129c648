"""Settings: everything that a person can choose at `sagehen up`."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sagehen.domain.identity import Credentials

DEFAULT_ACCOUNT_ID = "123456789012"  # the account of AWS's own documentation
DEFAULT_REGION = "us-east-1"
DEFAULT_PORT = 4566  # where people's AWS_ENDPOINT_URL already points


class SettingsError(ValueError):
    """A setting that cannot be; the message is shown to the person as it is."""


def default_data_folder() -> Path:
    """Return SAGEHEN_DATA, or `sagehen` in the user's data folder."""
    if chosen := os.environ.get("SAGEHEN_DATA"):
        return Path(chosen)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "sagehen"


def data_option(folder: Path) -> str:
    """Return what a printed command needs to reach this data folder: nothing where it is the default."""
    folder = folder.absolute()
    return "" if folder == default_data_folder().absolute() else f" --data {shlex.quote(str(folder))}"


@dataclass(frozen=True, slots=True)
class RootAccount:
    """An account that exists, with the keys of its root. None: made on first start."""

    account_id: str
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What `sagehen up` was asked for.

    Args:
        data_folder: Holds all state; made with mode 0700.
        host: Loopback unless somebody insists; for other machines, with TLS.
        tls_certificate: PEM; with `tls_key`, what other machines are shown. None: one of the platform's own
            CA.
        tls_key: PEM.
        tls_names: By which other machines call this one, besides its addresses.
        port: 0 picks a free one.
        region: What `sagehen env` puts into the shell; every region works.
        accounts: Root accounts; the first is the one that `sagehen env` uses.
        clock_check: Whether a signature's age is checked.
        allow_reset: Opens `POST /_sagehen/reset` on loopback.
        sandbox: `auto` uses namespaces and refuses to run work without them; `off` runs plain
            processes.
        public_s3: Whether what is read, unsigned, of buckets that are not here goes to the real AWS.
        durability: `full` syncs the disk at each commit: survives a power cut, not only a crash.
        time_scale: How fast the platform's clock runs.
        instance_cpus: No job's or endpoint's instance gets more processors than this.
        queue_excess_s: How long a synchronous invocation of a function beyond the concurrency waits for room,
            in real seconds; None: it is throttled at once, as on AWS.
        notebook_idle_s: A notebook instance that nobody has used for so long is stopped, in real seconds;
            None: never, as on AWS.
        gpu_types: What becomes of instance types with more GPUs than this machine has: `processors` runs
            them on what there is, `refuse` fails them.
        images: What becomes of images for which nothing on this machine stands: `refuse`, or `build` an
            environment at their first use.
        model_cache: A folder laid out as ~/.cache, whose `torch` and `huggingface` jobs and endpoints read.
        warm: Preload the training libraries at start rather than at the first SageMaker call.
        cluster: Address of this machine and port, where nodes reach it; None: there are no others.
        containers: Where a container engine listens, Docker or Podman, that runs what runs on images; None:
            sandboxes do.
        ray: Address of a Ray that is there already, and is trusted; None: `cluster` starts one of its own.
        spread_jobs: Whether instances of one training job go to as many nodes as there are, not to as few.
    """

    data_folder: Path = field(default_factory=default_data_folder)
    host: str = "127.0.0.1"
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_names: tuple[str, ...] = ()
    port: int = DEFAULT_PORT
    region: str = DEFAULT_REGION
    accounts: tuple[RootAccount, ...] = (RootAccount(DEFAULT_ACCOUNT_ID),)
    clock_check: bool = True
    allow_reset: bool = False
    sandbox: Literal["auto", "off"] = "auto"
    public_s3: bool = True
    durability: Literal["normal", "full"] = "normal"
    time_scale: float = 1.0
    instance_cpus: float | None = None
    queue_excess_s: float | None = None
    notebook_idle_s: float | None = None
    gpu_types: Literal["processors", "refuse"] = "processors"
    images: Literal["refuse", "build"] = "refuse"
    model_cache: Path | None = None
    warm: bool = False
    cluster: tuple[str, int] | None = None
    containers: Path | None = None
    ray: str | None = None
    spread_jobs: bool = False


def parse_accounts(ids: list[str], keys: list[str]) -> tuple[RootAccount, ...]:
    """Pair the repeated options `--account ID` and `--credentials KEY:SECRET`, in their order.

    Raises:
        SettingsError: Not twelve digits, an account named twice, or keys that cannot be paired.
    """
    if not ids and not keys:
        return (RootAccount(DEFAULT_ACCOUNT_ID),)
    if not ids:
        ids = [DEFAULT_ACCOUNT_ID]
    if len(keys) > len(ids):
        raise SettingsError("more --credentials than --account: give one account for each pair of keys")
    accounts = []
    for position, account_id in enumerate(ids):
        if not re.fullmatch(r"\d{12}", account_id):
            raise SettingsError(f"--account {account_id}: an account id is twelve digits")
        credentials = _parse_credentials(keys[position]) if position < len(keys) else None
        accounts.append(RootAccount(account_id, credentials))
    if len({account.account_id for account in accounts}) < len(accounts):
        raise SettingsError("--account: the same account twice")
    return tuple(accounts)


def _parse_credentials(text: str) -> Credentials:
    access_key_id, colon, secret = text.partition(":")
    if not colon or not access_key_id or not secret:
        raise SettingsError("--credentials wants KEY:SECRET")
    # The rule of AWS's own model (iam accessKeyIdType): 16 to 128 word characters; short ones such
    # as `test` are common in people's test suites, and harmless here.
    if not re.fullmatch(r"\w{1,128}", access_key_id):
        raise SettingsError(f"--credentials {access_key_id}:…: an access key id is letters and digits")
    return Credentials(access_key_id, secret)
