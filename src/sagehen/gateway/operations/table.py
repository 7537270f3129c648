"""The table of declared operations, and the step that finds the one that a request asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import BoundOperation, Service
from sagehen.gateway.operations.later import Later
from sagehen.gateway.operations.search import Search
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures.claim import Claim
from sagehen.protocol.identification.host_names import aws_prefix
from sagehen.protocol.identification.identify import Identified, identify
from sagehen.protocol.models.catalog import Catalog
from sagehen.protocol.models.description import Operation

_S3_FAMILY = frozenset(("s3express", "s3-outposts", "s3-object-lambda"))


class UnknownService(NotImplementedOperation):
    """The request is for an AWS service that Sagehen has no part of."""

    code = "NotImplemented"

    def __init__(self, name: str) -> None:
        super().__init__(f"Sagehen does not implement the service {name}.")


@dataclass(frozen=True, slots=True)
class Called:
    """What a request asks for: its model, and the implementation if there is one."""

    identified: Identified
    bound: BoundOperation | None

    @property
    def dialect(self) -> str:
        """In which words to refuse: the protocol, or `s3`."""
        return "s3" if self.identified.service.name == "s3" else self.identified.protocol

    def implementation(self) -> BoundOperation:
        """Return the implementation.

        Raises:
            NotImplementedOperation: The operation is in AWS's model but nobody declared it here.
        """
        if self.bound is None:
            operation = self.identified.operation
            raise NotImplementedOperation(
                f"Sagehen does not implement {operation.name} of {operation.service.name}."
            )
        return self.bound


class OperationTable:
    """Every declared operation by service and name.

    Args:
        services: What is implemented.
        catalog: The models; a service outside of it cannot be served.
        later: What is loaded when it is first called; its names are right, as a test has looked at them.

    Raises:
        ValueError: An operation is declared twice, or AWS's model has none of that name.
    """

    def __init__(self, services: Iterable[Service], catalog: Catalog, later: Later | None = None) -> None:
        self._catalog = catalog
        self._later = later or Later()
        self._search = Search()
        self._bound: dict[tuple[str, str], BoundOperation] = {}
        self._large: set[str] = set()
        for service in services:
            if service.name not in catalog.names:
                raise ValueError(f"AWS service {service.name!r} is not in the catalog")
            # A large model is not read for this: a test looks at the operations of each.
            large = catalog.is_large(service.name)
            self._large.update((service.name,) if large else ())
            known = frozenset(() if large else catalog.operation_names(service.name))
            for bound in service.operations():
                if not large and bound.name not in known:
                    raise ValueError(f"{service.name} has no operation {bound.name!r} in AWS's model")
                if (service.name, bound.name) in self._bound:
                    raise ValueError(f"{service.name} declares the operation {bound.name!r} twice")
                self._bound[service.name, bound.name] = bound
        self._large.update(name for name in self._later.names if catalog.is_large(name))

    def counts(self) -> Mapping[str, int]:
        """Return the number of declared operations by service."""
        counts: dict[str, int] = {}
        for service, _ in self._bound:
            counts[service] = counts.get(service, 0) + 1
        return counts | {service: len(names) for service, names in self._later.names.items()}

    def find(self, incoming: Incoming, path: str, claim: Claim | None, form: bytes) -> Called:
        """Find the operation.

        Args:
            incoming: The request.
            path: Path-style.
            claim: Its signature's claim, which names the service.
            form: Its body where `needs_body` said so.

        Raises:
            IdentificationError: The service is known, the operation is not.
            UnknownService: The service is not.
        """
        signing_name = claim.service if claim and claim.service else None
        self._require_known_service(incoming, signing_name)
        identified = identify(
            self._catalog,
            method=incoming.method,
            path=path,
            query=incoming.query,
            headers=incoming.headers,
            signing_name=signing_name,
            host=incoming.host_name,
            body=form,
        )
        operation = identified.operation
        return Called(identified, self._bound.get((operation.service.name, operation.name)))

    async def load_model(self, claim: Claim | None) -> None:
        """Load the model that a request's signature names, in a thread, where it is large and not there yet.

        Without a signature a request is most likely S3's; for whatever else it is, `find` loads it.
        """
        signing_name = claim.service if claim and claim.service else "s3"
        for name in self._large.intersection(self._catalog.by_signing_name(signing_name)):
            await asyncio.to_thread(self._catalog.service, name)
            self._large.discard(name)

    async def find_anywhere(
        self, incoming: Incoming, path: str, claim: Claim | None, form: bytes
    ) -> Called | None:
        """Find an operation among all of AWS's that `find` did not; None where AWS has none either.

        Raises:
            Refusal: ServiceUnavailable, where too many others search.
        """
        identified = await self._search.identify(incoming, path, claim, form)
        return Called(identified, None) if identified is not None else None

    async def declared(self, service: str, name: str) -> BoundOperation:
        """Return the operation of that name, which is one of ours."""
        found = self._bound.get((service, name))
        if found is None:
            if name not in self._later.names.get(service, ()):
                raise KeyError((service, name))
            for bound in await self._later.load(service):
                self._bound[bound.service, bound.name] = bound
            found = self._bound[service, name]
        return found

    async def implementation(self, called: Called) -> BoundOperation:
        """Return what performs an operation; it is loaded now where it was not needed before.

        Raises:
            NotImplementedOperation: Nobody declared it.
        """
        operation = called.identified.operation
        if called.bound is None and operation.name in self._later.names.get(operation.service.name, ()):
            return await self.declared(operation.service.name, operation.name)
        return called.implementation()

    async def model(self, service: str, name: str) -> Operation:
        """Return AWS's model of an operation; of a large service it is read in a thread."""
        if service in self._large:
            await asyncio.to_thread(self._catalog.service, service)
            self._large.discard(service)
        return self._catalog.service(service).operation(name)

    def put_object(self, bucket: str, key: str) -> Called:
        """Return S3's PutObject, which a browser's form upload is."""
        operation = self._catalog.service("s3").operation("PutObject")
        identified = Identified(operation, "rest-xml", {"Bucket": bucket, "Key": key})
        return Called(identified, self._bound.get(("s3", "PutObject")))

    def _require_known_service(self, incoming: Incoming, signing_name: str | None) -> None:
        # identify() takes what it does not know for S3: right for paths, wrong for whole other services.
        catalog = self._catalog
        if signing_name is not None:
            if signing_name not in _S3_FAMILY and not catalog.by_signing_name(signing_name):
                raise UnknownService(signing_name)
        elif prefix := aws_prefix(incoming.host_name):
            labels = prefix.split(".")
            prefixes = {*labels[:2], ".".join(labels[:2])}
            if "s3" not in labels and not any(catalog.by_endpoint_prefix(p) for p in prefixes):
                raise UnknownService(labels[0])
        target = incoming.headers.get("x-amz-target")
        if target and catalog.by_target_prefix(target.rpartition(".")[0]) is None:
            raise UnknownService(target.rpartition(".")[0])
