"""Put-, Get-, DeleteModelPackageGroupPolicy; and the policies for the evaluator."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.arn import Arn
from sagehen.domain.policies import PolicyFault, PolicyKind
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.model_packages import errors, names
from sagehen.services.sagemaker.model_packages.group_records import GroupRecord, GroupRecords
from sagehen.services.sagemaker.model_packages.rights import on_group


class GroupPolicies:
    """Policies of groups: who else may see, register, change and deploy their versions.

    Implements the port ResourcePolicies for ARNs of groups and of versions.

    Args:
        documents: The grammar of policies.
    """

    def __init__(self, records: GroupRecords, documents: ResourceDocuments) -> None:
        self._records = records
        self._documents = documents

    @operation("PutModelPackageGroupPolicy", access=on_group)
    async def put_model_package_group_policy(self, context: RequestContext, request: Request) -> Request:
        """Set a group's policy.

        Raises:
            ValidationException: No such group, or a policy that breaks the grammar.
        """
        group, text = self._require(context, request), request["ResourcePolicy"]
        try:
            stored = self._documents.stored(text, PolicyKind.RESOURCE)
        except PolicyFault as fault:
            raise ValidationException(f"Invalid resource policy: {fault.message}") from None
        if not await self._records.put_policy(group, stored, text):
            raise errors.no_such_group_for_policy(group.arn)
        return {"ModelPackageGroupArn": group.arn}

    @operation("GetModelPackageGroupPolicy", access=on_group)
    async def get_model_package_group_policy(self, context: RequestContext, request: Request) -> Request:
        """Return a group's policy as it was put.

        Raises:
            ValidationException: No such group, or it has none.
        """
        group = self._require(context, request)
        if not group.policy_text:
            raise errors.group_without_policy(group.arn)
        return {"ResourcePolicy": group.policy_text}

    @operation("DeleteModelPackageGroupPolicy", access=on_group)
    async def delete_model_package_group_policy(self, context: RequestContext, request: Request) -> None:
        """Remove a group's policy. Raises as GetModelPackageGroupPolicy."""
        group = self._require(context, request)
        if not group.policy_text:
            raise errors.group_without_policy(group.arn)
        await self._records.put_policy(group, "", "")

    # --- for the evaluator -----------------------------------------------------------------

    def resource_policy(self, resource_arn: str) -> str | None:
        """Return the policy that guards a group or one of its versions, or None.

        It is asked about whatever SageMaker does: of other resources it looks at the ARN alone.
        """
        if f":{names.PACKAGE}" not in resource_arn:
            return None
        try:
            arn = Arn.parse(resource_arn)
        except ValueError:
            return None
        if arn.resource_type not in (names.GROUP, names.PACKAGE):
            return None
        name = arn.resource.split("/")[1]
        group = self._records.of(names.Named(names.GROUP, Scope(arn.account_id, arn.region), name))
        return group.policy or None if group else None

    def resource_owner(self, resource_arn: str) -> str | None:
        """Return None: ARNs say whose it is."""
        return None

    def _require(self, context: RequestContext, request: Request) -> GroupRecord:
        named = names.group(context.scope, request["ModelPackageGroupName"])
        if (group := self._records.of(named)) is None:
            raise errors.no_such_group_for_policy(named.arn)
        return group
