"""Host names by which clients reach AWS, or this machine in AWS's place, and what they say.

    b.s3.eu-west-1.amazonaws.com     b.s3.amazonaws.com     s3-us-west-1.amazonaws.com (older regions)
    b.s3-website-us-east-1.amazonaws.com    b.s3-website.localhost (a bucket's website)
    id.lambda-url.eu-west-1.on.aws   id.lambda-url.eu-west-1.localhost (a function's URL)
    n.notebook.eu-west-1.sagemaker.aws    n.notebook.eu-west-1.localhost (a notebook instance)
    eu-west-1.experiments.sagemaker.aws    t-1.experiments.eu-west-1.localhost (MLflow tracking servers)
    123456789012.dkr.ecr.eu-west-1.amazonaws.com  123456789012.dkr.ecr.eu-west-1.localhost (a registry)
    b.localhost                      b.s3.localhost         b.s3.eu-west-1.localhost.localstack.cloud

`localhost.localstack.cloud` and every name below it are in the public DNS as 127.0.0.1: people's scripts
have them where a resolver knows no `*.localhost`.

Source: https://docs.aws.amazon.com/general/latest/gr/s3.html; older forms from
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

# Documented: AWS service endpoints; the last is that of dual-stack names.
AWS_DOMAINS = ("amazonaws.com", "amazonaws.com.cn", "api.aws")
LOCALSTACK = "localhost.localstack.cloud"
# Function URLs' own; of what else lies below it (VPC Lattice) nothing is answered here.
FUNCTION_URL_DOMAIN = "on.aws"
# Recorded, in what CreatePresignedNotebookInstanceUrl answers.
NOTEBOOK_DOMAIN = "sagemaker.aws"
# RFC 1035, as text.
_LONGEST_NAME = 253
# The last is no domain, but clients put buckets and accounts before an endpoint without looking what it is.
# No resolver knows such names; a client with a proxy does not ask one.
_ADDRESS = "127.0.0.1"
LOCAL_DOMAINS = (LOCALSTACK, "localhost", _ADDRESS)  # the longer first

_REGION = r"[a-z]{2,}(?:-[a-z]+)+-\d+"
# What stands before the domain. Control, outposts and express names are other services' of S3's family.
_S3 = re.compile(
    r"(?:(?P<bucket>[a-z0-9][a-z0-9._-]*)\.)?"
    r"s3(?:-external-1|-accelerate|-fips|-website|-accesspoint(?:-fips)?|-object-lambda)?"
    rf"(?:[.-]dualstack)?(?:[.-](?P<region>{_REGION}))?"
)


_FUNCTION_URL = re.compile(rf"(?P<id>[a-z0-9]{{1,63}})\.lambda-url(?:\.(?P<region>{_REGION}))?")
_NOTEBOOK = re.compile(rf"(?P<label>[a-z0-9-]{{1,63}})\.notebook\.(?P<region>{_REGION})")
# Clients name no server before the region, pages do.
_TRACKING = re.compile(
    rf"(?:(?P<label>[a-z0-9-]{{1,63}})\.)?(?P<region>{_REGION})\.experiments"
    rf"|(?P<local_label>[a-z0-9-]{{1,63}})\.experiments\.(?P<local_region>{_REGION})"
)
_REGISTRY = re.compile(rf"(?P<account>\d{{12}})\.dkr\.ecr(?:-fips)?\.(?P<region>{_REGION})")
_WEBSITE = re.compile(rf"(?P<bucket>[a-z0-9][a-z0-9._-]*)\.s3-website(?:[.-]{_REGION})?")


@dataclass(frozen=True, slots=True)
class S3Host:
    """A host name of S3's.

    Args:
        bucket: The bucket in front (virtual-hosted style); None for the service's own names.
        region: The one that the name tells, or None.
    """

    bucket: str | None
    region: str | None


def aws_prefix(host: str) -> str | None:
    """Return what stands before one of AWS's domains, lower case; None for a name of somebody else."""
    return _before(host, AWS_DOMAINS)


def local_prefix(host: str) -> str | None:
    """Return what stands before `localhost` or its kind; "" for such a name itself, None for others."""
    return _before(host, LOCAL_DOMAINS)


def aws_s3_host(host: str) -> S3Host | None:
    """Read a host name of AWS's S3; None for everything else."""
    return _read(aws_prefix(host))


def s3_host(host: str) -> S3Host | None:
    """Read a host name of S3's, AWS's or a local one; None for everything else.

    A bare `name.localhost` is a bucket's, but for `service.region.localhost`, which is a service's.
    """
    found = _read(aws_prefix(host)) or _read(local_prefix(host))
    if found is not None:
        return found
    name = _before(host, ("localhost", _ADDRESS))
    if not name or re.search(rf"\.{_REGION}$", name):
        return None
    return S3Host(name, None)


def website_bucket(host: str) -> str | None:
    """Return the bucket whose website a host name is, AWS's or a local one; None for everything else."""
    return _website_bucket(host) if len(host) <= _LONGEST_NAME else None


@functools.lru_cache(maxsize=1024)  # asked by every request, of a few names; headers are long, names are not
def _website_bucket(host: str) -> str | None:
    prefix = aws_prefix(host) or local_prefix(host)
    matched = _WEBSITE.fullmatch(prefix) if prefix else None
    return matched["bucket"] if matched else None


def function_url_labels(host: str) -> tuple[str, str] | None:
    """Return id and region ('' where there is none) of a function URL's host name; None for all others."""
    return _function_url_labels(host) if ".lambda-url." in host and len(host) <= _LONGEST_NAME else None


@functools.lru_cache(maxsize=1024)
def _function_url_labels(host: str) -> tuple[str, str] | None:
    prefix = _before(host, (FUNCTION_URL_DOMAIN, LOCALSTACK, "localhost"))
    matched = _FUNCTION_URL.fullmatch(prefix) if prefix else None
    return (matched["id"], matched["region"] or "") if matched else None


def notebook_labels(host: str) -> tuple[str, str] | None:
    """Return label and region of a notebook instance's host name; None for all others."""
    return _notebook_labels(host) if ".notebook." in host and len(host) <= _LONGEST_NAME else None


@functools.lru_cache(maxsize=1024)
def _notebook_labels(host: str) -> tuple[str, str] | None:
    prefix = _before(host, (NOTEBOOK_DOMAIN, LOCALSTACK, "localhost"))
    matched = _NOTEBOOK.fullmatch(prefix) if prefix else None
    return (matched["label"], matched["region"]) if matched else None


def tracking_labels(host: str) -> tuple[str, str] | None:
    """Return label, or '', and region of a host of MLflow tracking servers; None for all others."""
    return _tracking_labels(host) if ".experiments" in host and len(host) <= _LONGEST_NAME else None


@functools.lru_cache(maxsize=1024)
def _tracking_labels(host: str) -> tuple[str, str] | None:
    prefix = _before(host, (NOTEBOOK_DOMAIN, LOCALSTACK, "localhost"))
    matched = _TRACKING.fullmatch(prefix) if prefix else None
    if matched is None:
        return None
    return matched["label"] or matched["local_label"] or "", matched["region"] or matched["local_region"]


def registry_labels(host: str) -> tuple[str, str] | None:
    """Return account and region of a registry's host name; None for all others."""
    return _registry_labels(host) if ".dkr.ecr" in host and len(host) <= _LONGEST_NAME else None


@functools.lru_cache(maxsize=1024)
def _registry_labels(host: str) -> tuple[str, str] | None:
    prefix = aws_prefix(host) or local_prefix(host)
    matched = _REGISTRY.fullmatch(prefix) if prefix else None
    return (matched["account"], matched["region"]) if matched else None


def is_bare(host: str) -> bool:
    """Tell whether a host name is this machine's own, and says nothing of what is asked for."""
    return local_prefix(host) == "" or (local_prefix(host) is None and aws_prefix(host) is None)


def _read(prefix: str | None) -> S3Host | None:
    matched = _S3.fullmatch(prefix) if prefix else None
    return S3Host(matched["bucket"], matched["region"]) if matched else None


def _before(host: str, domains: tuple[str, ...]) -> str | None:
    host = host.lower()
    for domain in domains:
        if host == domain:
            return ""
        if host.endswith("." + domain):
            return host[: -len(domain) - 1]
    return None
