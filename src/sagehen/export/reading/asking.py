"""Asked: the public API, and what it would not tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from sagehen.export.graph.values import Key

# Of one listing: an account of this machine has fewer, and no template may have as many resources.
MOST = 1000
_HIDDEN = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


@dataclass(slots=True)
class Asked:
    """Asks with somebody's credentials.

    Args:
        client: A service's boto3 client by its name.
        region, account_id: Where.
        hidden: Operations that were refused, as `sagemaker:ListModels`.
        cut: Listings that are longer than what is read of any.
        left_out: What there is and no template will have: of which resource, and a sentence.
    """

    client: Callable[[str], Any]
    region: str
    account_id: str
    hidden: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    left_out: list[tuple[Key | None, str]] = field(default_factory=list)

    def one(self, service: str, operation: str, *, absent: str = "", **request: Any) -> Mapping[str, Any]:
        """Return an answer; nothing where it is refused, or where there is no such thing.

        Args:
            absent: What an error of the operation's own says where there is none.

        Raises:
            ClientError: It failed otherwise.
        """
        try:
            found: Mapping[str, Any] = getattr(self.client(service), operation)(**request)
            return found
        except ClientError as error:
            if not absent or absent not in str(error):
                self._forgive(error, service)
        return {}

    def all(self, service: str, operation: str, member: str, **request: Any) -> list[Any]:
        """Return the items of a listing, all its pages; raises as `one` does."""
        client = self.client(service)
        if not client.can_paginate(operation):
            return list(self.one(service, operation, **request).get(member) or ())
        found: list[Any] = []
        try:
            for page in client.get_paginator(operation).paginate(**request):
                found += page.get(member) or ()
                if len(found) > MOST:
                    self.cut.add(f"{service}:{operation}")
                    return found[:MOST]
        except ClientError as error:
            self._forgive(error, service)
        return found

    def input_shape(self, service: str, operation: str) -> Any:
        """Return botocore's shape of an operation's request; None where it takes nothing."""
        return self.client(service).meta.service_model.operation_model(operation).input_shape

    def leave_out(self, text: str, of: Key | None = None) -> None:
        """Note what no template will have; of what, where it is something of a resource that one has."""
        self.left_out.append((of, text))

    def remarks(self, keys: Collection[Key]) -> list[str]:
        """Return what an export of these resources says of its gaps."""
        left_out = [text for key, text in self.left_out if key is None or key in keys]
        hidden = [f"{operation} was refused to these keys" for operation in sorted(self.hidden)]
        cut = [f"{operation}: only the first {MOST}" for operation in sorted(self.cut)]
        return [*dict.fromkeys(left_out), *hidden, *cut]

    def _forgive(self, error: ClientError, service: str) -> None:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code in _HIDDEN or status == 403:
            self.hidden.add(f"{service}:{error.operation_name}")
        elif status not in (404, 501) and not code.startswith(
            ("NoSuch", "ResourceNotFound", "ObjectLockConf")
        ):
            raise error
