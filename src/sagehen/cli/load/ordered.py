"""What is ordered by a command line: requests, and as whom they are signed."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from sagehen.cli.aws import require_aws_itself
from sagehen.cli.load.options import Options
from sagehen.cli.running import RunningPlatform
from sagehen.load.outgoing.order import Keys, Order, Signing
from sagehen.load.run.access import Access
from sagehen.load.target import Target, Url
from sagehen.traffic.durations import parse_duration

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# RFC 9110's tokens and field values: nothing that ends a line.
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\xa0-\xff\t]*)")
# Ours to say: what frames the message, and what would make the answer another protocol's.
_OWN_HEADERS = {"content-length", "transfer-encoding", "connection", "expect", "upgrade"}
# What SigV4 calls services; it becomes a part of a header.
_SERVICE = re.compile(r"[a-z0-9-]{1,63}")
# A run of seconds is looked at by halves, one of a day by 200 stretches.
_SHORT_S, _STRETCHES = 20.0, 200


def ordered(options: Options, target: Target) -> Order:
    """Return what to send; where to and as whom is `addressed`'s to say.

    Raises:
        ValueError: An option makes no sense.
    """
    if (options.rate is None) == (options.trace is None):
        raise ValueError("how many requests? one of --rate and --trace")
    if options.body is not None and options.body_dir is not None:
        raise ValueError("one of --body and --body-dir")
    if options.body_dir is not None and not options.body_dir.is_dir():
        raise ValueError(f"--body-dir {options.body_dir}: no folder")
    headers = [header(one) for one in options.header or ()]
    if options.content_type is not None:
        if options.body is None and options.body_dir is None:
            raise ValueError("--content-type: of what? there is neither --body nor --body-dir")
        if any(name.lower() == "content-type" for name, _ in headers):
            raise ValueError("one of --content-type and --header 'Content-Type: ...'")
    return Order(
        url="",
        method=_method(options, target),
        headers=headers,
        text=None if options.body is None or options.body.startswith("@") else options.body,
        file=_file(options.body),
        folder=str(options.body_dir.absolute()) if options.body_dir else None,
        content_type=header(f"Content-Type: {options.content_type}")[1] if options.content_type else None,
        signing=None,
        rate=options.rate,
        trace=str(options.trace.absolute()) if options.trace else None,
        duration=parse_duration(options.duration) if options.duration else None,
        evenly=options.evenly,
        seed=options.seed if options.seed is not None else secrets.randbits(32),
        slot=1.0,
        most_in_flight=max(1, options.max_in_flight // options.processes),
        timeout=parse_duration(options.timeout),
        shares=options.processes,
    )


def access(options: Options, target: Target) -> Access | None:
    """Return where AWS's API is; None where nothing is asked of it.

    The first that holds: --endpoint-url; --aws; AWS_ENDPOINT_URL, as `sagehen env` sets it; the Sagehen that
    runs on the data folder. Nothing leads to AWS by accident: requests by the thousand cost money there.

    Raises:
        NotRunning: None does.
        ValueError: Options that exclude one another, or say nothing here.
    """
    if isinstance(target, Url):
        if options.aws or options.endpoint_url:
            raise ValueError(
                "--aws and --endpoint-url are for endpoint/... and function:...; a URL says it all"
            )
        if options.sign is not None:
            return Access(None, options.region)
        if options.region is not None:
            raise ValueError("--region: of what is signed, with --sign; a URL says it all")
        return None
    if options.sign is not None:
        raise ValueError(f"--sign is for URLs; requests to {target} are always signed")
    if options.aws and options.endpoint_url:
        raise ValueError("one of --aws and --endpoint-url")
    if options.aws:
        require_aws_itself()
    if options.aws or options.endpoint_url or "AWS_ENDPOINT_URL" in os.environ:
        return Access(options.endpoint_url, options.region)
    running = RunningPlatform.find(options.data.absolute())
    keys = Keys(running.access_key_id, running.secret_access_key)
    return Access(running.url, options.region or running.region, keys)


def addressed(order: Order, target: Target, reached: Access | None, sign: str | None) -> Order:
    """Return the order with its URL, its signature and what the operation needs.

    Args:
        sign: For a URL: the service in whose name requests are signed, None for none.

    Raises:
        BotoCoreError: There is no region, and the like.
        ValueError: The address is none.
    """
    if isinstance(target, Url):
        if sign is None or reached is None:
            return replace(order, url=target.url)
        if not _SERVICE.fullmatch(sign):
            raise ValueError(f"--sign {sign[:80]!r}: a service such as execute-api or lambda")
        region = reached.client("sts").meta.region_name
        return replace(order, url=target.url, signing=Signing(sign, region, reached.keys))
    assert reached is not None
    client = reached.client(target.service)
    base = client.meta.endpoint_url.rstrip("/")
    if urlsplit(base).path:
        raise ValueError(f"--endpoint-url {base}: only a host and a port")
    given = {name.lower() for name, _ in order.headers}
    own = [(name, value) for name, value in target.headers.items() if name.lower() not in given]
    return replace(
        order,
        url=base + target.path,
        headers=[*order.headers, *own],
        signing=Signing(target.signed_as, client.meta.region_name, reached.keys),
    )


def slotted(order: Order, duration: float) -> Order:
    """Return the order with the length of the stretches that are counted for themselves."""
    return replace(order, slot=0.5 if duration <= _SHORT_S else max(1.0, duration / _STRETCHES))


def header(line: str) -> tuple[str, str]:
    """Return a header's name and value.

    Raises:
        ValueError: It is none, or one that the generator says itself.
    """
    found = _HEADER.fullmatch(line)
    if found is None:
        raise ValueError(f"{line[:80]!r} is no header: write 'Name: value'")
    if found[1].lower() in _OWN_HEADERS:
        raise ValueError(f"{found[1]}: the generator says that itself")
    return found[1], found[2].rstrip()


def _method(options: Options, target: Target) -> str:
    if not isinstance(target, Url):
        if options.method not in (None, target.method):
            raise ValueError(f"--method {options.method}: {target} takes {target.method} alone")
        return target.method
    if options.method is None:
        return "GET" if options.body is None and options.body_dir is None else "POST"
    if options.method not in METHODS:
        raise ValueError(f"--method {options.method}: one of {', '.join(METHODS)}")
    return options.method


def _file(body: str | None) -> str | None:
    return str(Path(body[1:]).absolute()) if body is not None and body.startswith("@") else None
