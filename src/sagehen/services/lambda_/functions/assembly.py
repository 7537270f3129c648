"""What functions are made of, and their operations."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sagehen.domain.ports.identity.resource_policies import ResourceTags
from sagehen.services.lambda_.code.assembly import CodeRoom
from sagehen.services.lambda_.functions.aliases.operations import Aliases
from sagehen.services.lambda_.functions.aliases.records import AliasRecords
from sagehen.services.lambda_.functions.code import FunctionCode
from sagehen.services.lambda_.functions.descriptions import Descriptions
from sagehen.services.lambda_.functions.event_sources import EventSources
from sagehen.services.lambda_.functions.networks import FunctionNetworks
from sagehen.services.lambda_.functions.operations import Functions
from sagehen.services.lambda_.functions.permissions.evaluated import StoredResourcePolicies
from sagehen.services.lambda_.functions.permissions.operations import Permissions
from sagehen.services.lambda_.functions.permissions.records import PolicyRecords
from sagehen.services.lambda_.functions.preparations import Preparations
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.functions.recursion.operations import RecursionConfigs
from sagehen.services.lambda_.functions.recursion.records import RecursionRecords
from sagehen.services.lambda_.functions.roles import FunctionRoles
from sagehen.services.lambda_.functions.tags import Tags, function_tags
from sagehen.services.lambda_.functions.targets import Targets
from sagehen.services.lambda_.functions.unset import UnsetConfiguration
from sagehen.services.lambda_.functions.versions.operations import Versions
from sagehen.services.lambda_.functions.versions.publishing import Publishing
from sagehen.services.lambda_.layers.assembly import LayerRoom
from sagehen.services.lambda_.names import FunctionReference
from sagehen.services.lambda_.premises import Premises
from sagehen.services.lambda_.storage.quota import CodeQuota
from sagehen.services.lambda_.storage.tables import Tables


class FunctionRoom:
    """Functions, as the rooms above see them.

    Attributes:
        resource_policies, resource_tags: For the evaluator of policies.
        networks: Told of EC2's later.
    """

    def __init__(
        self, premises: Premises, tables: Tables, quota: CodeQuota, code: CodeRoom, layers: LayerRoom
    ) -> None:
        self._premises = premises
        self._code = code
        self._layers = layers.choice
        self._publishing = Publishing(quota, premises.ids)
        self.records = FunctionRecords(tables, quota)
        self.aliases = AliasRecords(tables)
        self._policies = PolicyRecords(tables)
        self.recursion = RecursionRecords(tables)
        self.resource_policies = StoredResourcePolicies(self._policies, layers.records)
        self.resource_tags: ResourceTags = partial(function_tags, self.records)
        self.targets = Targets(tables, self.records, self.aliases, code.store)
        self.preparations = Preparations(self.records, code.store, code.images, premises.ids)
        self.descriptions = Descriptions(self.records, self.targets, premises.environments)
        self.roles = FunctionRoles(premises.roles, premises.clock)
        self.networks = FunctionNetworks(premises.environments, self.roles, premises.authorizer)

    def operations(
        self, drain: Callable[[FunctionReference], None], reconcile: Callable[[FunctionReference], None]
    ) -> tuple[object, ...]:
        """Return what implements the operations.

        Args:
            drain: Told of a function whose environments are outdated.
            reconcile: Told of a function whose versions or aliases changed, for its provisioned concurrency.
        """
        premises, ids = self._premises, self._premises.ids
        return (
            Functions(
                records=self.records,
                publishing=self._publishing,
                descriptions=self.descriptions,
                packages=self._code.packages,
                images=self._code.images,
                layers=self._layers,
                preparations=self.preparations,
                downloads=self._code.downloads,
                environments=premises.environments,
                networks=self.networks,
                roles=premises.roles,
                clock=premises.clock,
                ids=ids,
                drain=drain,
                reconcile=reconcile,
            ),
            FunctionCode(
                records=self.records,
                publishing=self._publishing,
                descriptions=self.descriptions,
                packages=self._code.packages,
                images=self._code.images,
                preparations=self.preparations,
                clock=premises.clock,
                ids=ids,
                drain=drain,
            ),
            Versions(self.records, self._publishing, self.descriptions),
            Aliases(self.aliases, self.records, ids, reconcile),
            Permissions(self._policies, self.records, self.aliases, premises.documents, ids),
            Tags(self.records, ids),
            UnsetConfiguration(self.records, self.descriptions),
            EventSources(self.records),
            RecursionConfigs(self.recursion, self.records),
        )
