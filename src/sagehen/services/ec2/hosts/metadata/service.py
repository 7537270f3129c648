"""MetadataService: answers what one machine asks of its metadata, IMDSv1 and v2.

What is answered how: EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sagehen.domain.clock import Clock
from sagehen.services.ec2.hosts.host import Wanted
from sagehen.services.ec2.hosts.metadata.credentials import RoleDocuments
from sagehen.services.ec2.hosts.metadata.signing import Signer
from sagehen.services.ec2.hosts.metadata.tokens import Tokens, ttl_of
from sagehen.services.ec2.hosts.metadata.tree import found, identity_document, listing, metadata

_TOKEN = "x-aws-ec2-metadata-token"  # noqa: S105 - a header's name
_TTL = "x-aws-ec2-metadata-token-ttl-seconds"
_VERSION = re.compile(r"latest|1\.0|20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_TITLES = {
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `hops` is how far its packets may go, None for as far as they do."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    hops: int | None = None


class MetadataService:
    """Of one machine.

    Args:
        wanted: What it is; `change` changes it.
        roles: Makes its role's documents.
        signer: Signs its identity.
        clock: By which tokens end.
    """

    def __init__(self, wanted: Wanted, roles: RoleDocuments, signer: Signer, clock: Clock) -> None:
        self._wanted = wanted
        self._roles = roles
        self._signer = signer
        self._clock = clock
        self._tokens = Tokens()
        self._spot_action: tuple[str, str] | None = None

    def change(self, wanted: Wanted) -> None:
        """See `Host.change`."""
        self._wanted = wanted

    def announce_spot_action(self, action: str, time: str) -> None:
        """See `Host.announce_spot_action`."""
        self._spot_action = (action, time)

    async def answer(self, method: str, target: str, headers: Mapping[str, str]) -> Answer:
        """Return the answer.

        Args:
            headers: By lower-case name.
        """
        options = self._wanted.metadata
        if not options.enabled:
            return _error(403)
        path = target.partition("?")[0]
        words = [word for word in path.split("/") if word]
        if method == "PUT":
            return self._token(words, headers)
        if method not in ("GET", "HEAD"):
            return _error(405, {"Allow": "GET, HEAD, PUT"})
        now_s = self._clock.monotonic()
        token = headers.get(_TOKEN)
        if token is None and options.tokens_required:
            return _error(401)
        # A token that is given has to be good also where none is asked for.
        if token is not None and not self._tokens.left_s(token, now_s):
            return _error(401)
        content = await self._content(words)
        if content is None:
            return _error(404)
        sent = {} if token is None else {_TTL: str(self._tokens.left_s(token, now_s))}
        return Answer(200, content, {"Content-Type": "text/plain", **sent})

    def _token(self, words: list[str], headers: Mapping[str, str]) -> Answer:
        if words[1:] != ["api", "token"] or not _VERSION.fullmatch(words[0]):
            return _error(405, {"Allow": "GET, HEAD"})
        if "x-forwarded-for" in headers:
            return _error(403)
        ttl_s = ttl_of(headers.get(_TTL))
        if ttl_s is None:
            return _error(400)
        token = self._tokens.make(ttl_s, self._clock.monotonic())
        sent = {"Content-Type": "text/plain", _TTL: str(ttl_s)}
        return Answer(200, token.encode(), sent, self._wanted.metadata.hop_limit)

    async def _content(self, words: list[str]) -> bytes | None:
        if not words:
            return b"latest"
        if not _VERSION.fullmatch(words[0]):
            return None
        wanted = self._wanted
        match words[1:]:
            case []:
                return b"dynamic\nmeta-data" + (b"\nuser-data" if wanted.user_data else b"")
            case ["user-data"]:
                return wanted.user_data or None
            case ["dynamic", *rest]:
                return await self._dynamic(rest)
            case ["meta-data", *rest]:
                # Only who asks for credentials has a session made.
                needs_role = wanted.role_arn is not None and rest[:2] == ["iam", "security-credentials"]
                text = found(await self._tree(needs_role and len(rest) > 2), rest)
                return None if text is None else text.encode()
        return None

    async def _tree(self, with_credentials: bool) -> Mapping[str, Any]:
        wanted = self._wanted
        if wanted.role_arn is None or wanted.role_name is None:
            return metadata(wanted, spot_action=self._spot_action)
        document = await self._roles.document(wanted.role_arn) if with_credentials else "-"
        profile = {} if wanted.profile_arn is None else {"info": self._roles.info(wanted.profile_arn)}
        return metadata(wanted, {wanted.role_name: document}, profile, self._spot_action)

    async def _dynamic(self, words: list[str]) -> bytes | None:
        document = identity_document(self._wanted)
        match words:
            case []:
                return b"instance-identity/"
            case ["instance-identity"]:
                return listing(dict.fromkeys(("document", "pkcs7", "rsa2048", "signature"), "")).encode()
            case ["instance-identity", "document"]:
                return document.encode()
            case ["instance-identity", "signature"]:
                return (await asyncio.to_thread(self._signer.signature, document.encode())).encode()
            case ["instance-identity", "pkcs7" | "rsa2048"]:
                return (await asyncio.to_thread(self._signer.pkcs7, document.encode())).encode()
        return None


def _error(status: int, headers: Mapping[str, str] | None = None) -> Answer:
    title = f"{status} - {_TITLES[status]}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return Answer(status, page.encode(), {"Content-Type": "text/html", **(headers or {})})
