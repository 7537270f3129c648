"""Distribution: answers requests of the registry's own protocol."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson

from sagehen.api.errors import ServiceError
from sagehen.domain.access import Access, AccessDenied, ConditionValue, request_conditions
from sagehen.domain.identity import Principal
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.services.ecr.access.tokens import TokenExpired, Tokens
from sagehen.services.ecr.distribution.blobs import Blobs
from sagehen.services.ecr.distribution.failures import HEADERS, Failure, answer_of, failure_of, unauthorized
from sagehen.services.ecr.distribution.manifests import Manifests
from sagehen.services.ecr.distribution.messages import RegistryAnswer, RegistryRequest
from sagehen.services.ecr.distribution.pages import next_link, page_size
from sagehen.services.ecr.distribution.routes import Route, route_of
from sagehen.services.ecr.repositories.records import Records
from sagehen.services.ecr.repositories.repository import is_name, repository_arn

# Method and kind -> the actions of IAM that are asked for. Documented: Amazon ECR User Guide, private
# repository policy examples, and "Required IAM permissions for pushing an image".
_ACTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", "catalog"): ("DescribeRepositories",),
    ("HEAD", "blob"): ("BatchCheckLayerAvailability",),
    ("GET", "blob"): ("GetDownloadUrlForLayer",),
    ("POST", "uploads"): ("InitiateLayerUpload",),
    ("GET", "upload"): ("UploadLayerPart",),
    ("PATCH", "upload"): ("UploadLayerPart",),
    ("PUT", "upload"): ("CompleteLayerUpload",),
    ("DELETE", "upload"): ("UploadLayerPart",),
    ("HEAD", "manifest"): ("BatchGetImage",),
    ("GET", "manifest"): ("BatchGetImage",),
    ("PUT", "manifest"): ("PutImage",),
    ("DELETE", "manifest"): ("BatchDeleteImage",),
    ("GET", "tags"): ("ListImages",),
    ("GET", "referrers"): ("ListImageReferrers",),
}
_LONGEST_TOKEN = 4096


@dataclass(frozen=True, slots=True)
class _Caller:
    """Who asks which registry."""

    principal: Principal
    scope: Scope
    environment: dict[str, ConditionValue]


class Distribution:
    """The protocol.

    Args:
        records: Of repositories.
        tokens: Reads what clients log in with.
        authorizer: IAM's evaluator.
        blobs, manifests: What is done.
    """

    def __init__(
        self, records: Records, tokens: Tokens, authorizer: Authorizer, blobs: Blobs, manifests: Manifests
    ) -> None:
        self._records = records
        self._tokens = tokens
        self._authorizer = authorizer
        self._blobs = blobs
        self._manifests = manifests

    async def answer(self, request: RegistryRequest) -> RegistryAnswer:
        """Answer a request; what is unforeseen is raised."""
        try:
            return await self._answer(request)
        except Failure as failure:
            return answer_of(failure, with_body=request.method != "HEAD")
        except AccessDenied as denied:
            return answer_of(Failure(403, "DENIED", denied.message), with_body=request.method != "HEAD")
        except ServiceError as error:
            return answer_of(failure_of(error), with_body=request.method != "HEAD")

    async def _answer(self, request: RegistryRequest) -> RegistryAnswer:
        route = route_of(request.path)
        query = dict(parse_qsl(request.query, keep_blank_values=True, max_num_fields=32))
        if route is not None and route.kind == "blob" and request.method == "GET" and "seal" in query:
            scope = self._tokens.of_url(query.get("layer", ""), query["seal"], route.name, route.reference)
            if scope is None:
                raise Failure(403, "DENIED", "This URL is not valid, or not any more.")
            return self._blobs.get(scope, route.name, route.reference, request.headers)
        caller = self._caller(request)
        if caller is None:
            return unauthorized(request.url)
        if route is None:
            raise Failure(
                404, "UNSUPPORTED", f"{request.path[:200]!r} is no path of the registry's protocol."
            )
        if route.kind == "base" and request.method in ("GET", "HEAD"):
            return RegistryAnswer(200, {**HEADERS, "Content-Type": "application/json"}, b"{}")
        actions = _ACTIONS.get((request.method, route.kind))
        if actions is None:
            raise Failure(405, "UNSUPPORTED", f"{request.method} is not implemented for {route.kind}.")
        if "digest" in query and (request.method, route.kind) == ("POST", "uploads"):  # all in one request
            actions = (*actions, "UploadLayerPart", "CompleteLayerUpload")
        for action in actions:
            self._require(caller, caller.scope, action, route.name or "*")
        return await self._act(caller, route, request, query)

    async def _act(
        self, caller: _Caller, route: Route, request: RegistryRequest, query: dict[str, str]
    ) -> RegistryAnswer:
        scope, name, reference = caller.scope, route.name, route.reference
        match request.method, route.kind:
            case "GET", "catalog":
                return self._catalog(scope, query)
            case "POST", "uploads":
                source = query.get("from", "") if "mount" in query else ""
                if source and is_name(source) and self._may_read(caller, source):
                    mounted = await self._blobs.mount(scope, source, name, query["mount"])
                    if mounted is not None:
                        return mounted
                return await self._blobs.begin(scope, name, query.get("digest"), request)
            case "GET", "upload":
                return await self._blobs.progress(scope, name, reference)
            case "PATCH", "upload":
                return await self._blobs.append(scope, name, reference, request)
            case "PUT", "upload":
                return await self._blobs.complete(scope, name, reference, query.get("digest"), request)
            case "DELETE", "upload":
                return await self._blobs.discard(scope, name, reference)
            case "HEAD", "blob":
                return await self._blobs.head(scope, name, reference)
            case "GET", "blob":
                return self._blobs.get(scope, name, reference, request.headers)
            case "GET" | "HEAD", "manifest":
                return await self._manifests.get(scope, name, reference, head=request.method == "HEAD")
            case "PUT", "manifest":
                return await self._manifests.put(scope, name, reference, request)
            case "DELETE", "manifest":
                return await self._manifests.delete(scope, name, reference)
            case "GET", "tags":
                return self._manifests.tags(scope, name, query)
            case _:
                return await self._manifests.referrers(scope, name, reference, query)

    def _catalog(self, scope: Scope, query: dict[str, str]) -> RegistryAnswer:
        names = [repository.name for repository in self._records.repositories(scope)]
        names = [name for name in names if name > query.get("last", "")]
        shown = names[: page_size(query)]
        headers = {**HEADERS, "Content-Type": "application/json"}
        if len(shown) < len(names) and shown:
            headers["Link"] = next_link("/v2/_catalog", len(shown), shown[-1])
        return RegistryAnswer(200, headers, orjson.dumps({"repositories": shown}))

    def _caller(self, request: RegistryRequest) -> _Caller | None:
        """Return who asks; None for a request without a token, or with one that is not ours.

        Raises:
            Failure: The token has expired, or the registry is of another region.
        """
        password = _password(request.headers.get("authorization", ""))
        try:
            bearer = None if password is None else self._tokens.read(password)
        except TokenExpired:  # recorded
            text = "Your authorization token has expired. Reauthenticate and try again."
            raise Failure(403, "DENIED", text) from None
        if bearer is None:
            return None
        scope = request.registry or bearer.scope
        if (
            scope.region != bearer.scope.region
        ):  # a token is of one region (documented: Registry authentication)
            return None
        headers = request.headers
        environment = request_conditions(
            at=request.received_at, source_ip=request.source_ip, secure=request.secure, region=scope.region,
            user_agent=headers.get("user-agent"), referer=headers.get("referer"),
        )  # fmt: skip
        return _Caller(bearer.principal, scope, environment)

    def _require(self, caller: _Caller, scope: Scope, action: str, name: str) -> None:
        access = Access(f"ecr:{action}", repository_arn(scope, name))
        self._authorizer.authorize(caller.principal, access, caller.environment)

    def _may_read(self, caller: _Caller, name: str) -> bool:
        access = Access("ecr:GetDownloadUrlForLayer", repository_arn(caller.scope, name))
        return self._authorizer.is_allowed(caller.principal, access, caller.environment)


def _password(header: str) -> str | None:
    """Return the password of the user `AWS`."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic" or len(value) > _LONGEST_TOKEN:
        return None
    try:
        user, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        return None
    return password if user == "AWS" else None
