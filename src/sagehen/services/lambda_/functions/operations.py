"""Functions: create, describe, list, reconfigure, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.roles import Roles
from sagehen.services.lambda_.code.downloads import Downloads
from sagehen.services.lambda_.code.images import FunctionImages
from sagehen.services.lambda_.code.packages import Packages
from sagehen.services.lambda_.code.store import Package
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.execution.contract import Environments
from sagehen.services.lambda_.functions import configuration, images
from sagehen.services.lambda_.functions.access import creation, reconfiguration
from sagehen.services.lambda_.functions.changes import require_settled, updated
from sagehen.services.lambda_.functions.descriptions import Descriptions, listed
from sagehen.services.lambda_.functions.networks import FunctionNetworks
from sagehen.services.lambda_.functions.preparations import Preparations
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.functions.roles import SERVICE
from sagehen.services.lambda_.functions.rows import VersionRecord
from sagehen.services.lambda_.functions.versions.publishing import Publishing
from sagehen.services.lambda_.layers.choice import LayerChoice
from sagehen.services.lambda_.names import (
    LATEST,
    FunctionReference,
    number_of,
    on_function,
    parse_reference,
    reference_of,
    require_name_length,
)

# Documented: botocore's model, ListFunctions, "a maximum of 50 items in each response, even if you set the
# number higher".
_PAGE = 50


class Functions:
    """CreateFunction, GetFunction, GetFunctionConfiguration, ListFunctions,
    UpdateFunctionConfiguration, DeleteFunction.

    Args:
        layers: Looks up the layers that a function asks for.
        environments: Tells which runtimes there are.
        drain: Ends a function's environments as they become idle.
        reconcile: Looks at a function's provisioned concurrency anew.
    """

    def __init__(
        self,
        *,
        records: FunctionRecords,
        publishing: Publishing,
        descriptions: Descriptions,
        packages: Packages,
        images: FunctionImages,
        layers: LayerChoice,
        preparations: Preparations,
        downloads: Downloads,
        environments: Environments,
        networks: FunctionNetworks,
        roles: Roles,
        clock: Clock,
        ids: Ids,
        drain: Callable[[FunctionReference], None],
        reconcile: Callable[[FunctionReference], None],
    ) -> None:
        self._records = records
        self._publishing = publishing
        self._descriptions = descriptions
        self._packages = packages
        self._images = images
        self._layers = layers
        self._preparations = preparations
        self._downloads = downloads
        self._environments = environments
        self._networks = networks
        self._roles = roles
        self._clock = clock
        self._ids = ids
        self._drain = drain
        self._reconcile = reconcile

    @operation("CreateFunction", access=creation)
    async def create_function(self, context: RequestContext, request: Request) -> Request:
        """Store a function; its code is unpacked in the background, then it is Active.

        Raises:
            ResourceConflictException: The name is taken.
            InvalidParameterValueException, NotImplementedOperation, RequestEntityTooLargeException,
            CodeStorageExceededException.
            AccessDenied: The caller may not pass the role.
        """
        reference = parse_reference(context.scope, request["FunctionName"])
        require_name_length(reference)
        if reference.qualifier or reference.scope != context.scope:
            # From memory: a qualifier, or another account's ARN, is no name for a new function.
            raise InvalidParameterValueException(f"Invalid function name: {request['FunctionName']}")
        kept = configuration.new_configuration(request, self._environments.runtimes())
        _accept_role(self._roles, context, kept["Role"])
        if network := await self._networks.chosen(context.scope, request, kept["Role"]):
            kept["VpcConfig"] = network
        package = await self._taken(context, request["Code"], kept)
        kept["Layers"] = self._layers.chosen(context, request.get("Layers") or [], package.unzipped_size)
        record = VersionRecord(
            reference=reference.qualified(LATEST),
            revision_id=self._ids.uuid(),
            revision=self._ids.uuid(),
            modified_at=self._clock.now(),
            code_sha=package.sha,
            code_size=package.size,
            unzipped_size=package.unzipped_size,
            configuration=kept,
            state="Pending",
            update_status="InProgress",
        )
        published = self._publishing.first(record) if request.get("Publish") else None
        await self._records.create(record, request.get("Tags") or {}, published)
        for one in (record, published):
            if one is not None:
                self._preparations.begin(one)
        # Recorded: the ARN is the function's, also where version 1 is what is told of.
        return self._descriptions.shown(published or record, qualified=False)

    async def _taken(self, context: RequestContext, code: Request, kept: dict[str, Any]) -> Package:
        """Take the package, or the image, which is noted in the configuration and weighs nothing."""
        if "Image" not in kept:
            images.require_none(code, "creating")
            return await self._packages.take(context, code)
        image = await self._images.take(context, images.uri_of(code, "creating"))
        kept["Image"] = images.kept_image(image.uri, image.resolved)
        return Package(image.sha, 0, 0)

    @operation("GetFunction", access=on_function())
    async def get_function(self, context: RequestContext, request: Request) -> Request:
        """Describe a function with a URL that its package can be fetched from for ten minutes.

        Raises:
            ResourceNotFoundException.
        """
        reference = reference_of(context, request)
        record = self._descriptions.described(reference)
        function = self._records.require_function(reference)
        answer: Request = {
            "Configuration": self._as_asked(record, reference),
            "Code": self._code(context, record),
        }
        if function.tags:
            # From memory: a function without tags, or without a reservation, has no such member.
            answer["Tags"] = dict(function.tags)
        if function.reserved is not None:
            answer["Concurrency"] = {"ReservedConcurrentExecutions": function.reserved}
        return answer

    def _code(self, context: RequestContext, record: VersionRecord) -> dict[str, str]:
        if record.is_image:
            image = record.configuration["Image"]
            uris = {"ImageUri": image["Uri"], "ResolvedImageUri": image["Resolved"]}
            return {"RepositoryType": "ECR", **uris}
        return {"RepositoryType": "S3", "Location": self._downloads.url(context, record.code_sha)}

    @operation("GetFunctionConfiguration", access=on_function())
    async def get_function_configuration(self, context: RequestContext, request: Request) -> Request:
        """Describe a function, version or alias; an alias shows its main version."""
        reference = reference_of(context, request)
        return self._as_asked(self._descriptions.described(reference), reference)

    def _as_asked(self, record: VersionRecord, reference: FunctionReference) -> Request:
        """Return a configuration with the ARN as the caller named it: qualified or not."""
        return self._descriptions.shown(record) | {"FunctionArn": reference.arn}

    @operation("ListFunctions")
    async def list_functions(self, context: RequestContext, request: Request) -> Request:
        """List `$LATEST` of every function, or with FunctionVersion ALL every version."""
        if request.get("MasterRegion"):
            raise NotImplementedOperation("ListFunctions MasterRegion (Lambda@Edge) is not implemented.")
        every = request.get("FunctionVersion") == "ALL"
        listing, limit = f"functions {every}", min(request.get("MaxItems") or _PAGE, _PAGE)
        after = sought(
            request.get("Marker"), (str, int), listing=listing, error=InvalidParameterValueException
        )
        found, whole = self._records.version_page(
            context.scope, every=every, after=None if after is None else (after[0], after[1]), limit=limit + 1
        )
        page = page_read(
            found,
            whole,
            limit,
            key=lambda record: (record.reference.name, number_of(record.version)),
            listing=listing,
        )
        found_here = [listed(record, qualified=every) for record in page.items]
        return {"Functions": found_here, "NextMarker": page.next_token}

    @operation("UpdateFunctionConfiguration", access=reconfiguration)
    async def update_function_configuration(self, context: RequestContext, request: Request) -> Request:
        """Change `$LATEST`; environments of the old configuration take no more invocations.

        Raises:
            ResourceNotFoundException, ResourceConflictException, PreconditionFailedException,
            InvalidParameterValueException, NotImplementedOperation.
        """
        reference = reference_of(context, request).qualified("")
        current = self._records.require_version(reference, LATEST)
        runtimes = self._environments.runtimes()
        # What the request itself gets wrong is told before rights and layers are looked at.
        configuration.merged_configuration(current.configuration, request, runtimes)
        if request.get("Role"):
            _accept_role(self._roles, context, request["Role"])
        role_arn = request.get("Role") or current.configuration["Role"]
        network = await self._networks.chosen(context.scope, request, role_arn)
        layers = None
        if request.get("Layers") is not None:
            layers = self._layers.chosen(context, request["Layers"], current.unzipped_size)

        def change(record: VersionRecord) -> VersionRecord:
            require_settled(record, request.get("RevisionId"))
            merged = configuration.merged_configuration(record.configuration, request, runtimes)
            if layers is not None:
                merged["Layers"] = layers
            if network is not None:
                merged["VpcConfig"] = network
            if network == {}:
                del merged["VpcConfig"]
            return updated(record, self._ids, self._clock.now(), configuration=merged)

        # `change` checks anew: another update may have begun while layers were looked up.
        record = await self._records.update(reference, change)
        self._preparations.begin(record)
        self._drain(reference)
        return self._descriptions.shown(record)

    @operation("DeleteFunction", access=on_function())
    async def delete_function(self, context: RequestContext, request: Request) -> Reply:
        """Delete a function, or with a Qualifier one of its versions, whether or not that one is there.

        Raises:
            ResourceNotFoundException, ResourceConflictException, InvalidParameterValueException.
        """
        reference = reference_of(context, request)
        # Both texts are recorded.
        if reference.qualifier == LATEST:
            raise InvalidParameterValueException(
                "$LATEST version cannot be deleted without deleting the function."
            )
        if reference.qualifier and not reference.qualifier.isdigit():
            raise InvalidParameterValueException("Deletion of aliases is not currently supported.")
        self._records.require_function(reference.qualified(""))
        if reference.qualifier:
            await self._records.delete_version(reference)
        else:
            await self._records.delete(reference)
        self._reconcile(reference)
        self._drain(reference)
        return Reply({}, status=204)


def _accept_role(roles: Roles, context: RequestContext, role_arn: str) -> None:
    """Check that the caller may hand over the role and that Lambda may assume it.

    Raises:
        AccessDenied, InvalidParameterValueException.
    """
    roles.require_pass_role(context.principal, role_arn, SERVICE, context.condition_keys())
    # Recorded, the text too: the trust policy is read when the function is made, not only when it runs.
    if not roles.can_be_assumed_by(role_arn, SERVICE):
        raise InvalidParameterValueException("The role defined for the function cannot be assumed by Lambda.")
