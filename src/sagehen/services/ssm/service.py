"""SsmService: Systems Manager put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagehen.api.operation import Service
from sagehen.domain.arn import Arn
from sagehen.domain.clock import Clock
from sagehen.domain.encryption_keys import SecretKeys
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.machines import Machines
from sagehen.domain.ports.public_parameters import PublicParameters
from sagehen.domain.scope import Scope
from sagehen.services.ssm.commands.instances import ManagedInstances
from sagehen.services.ssm.commands.listing import CommandListings
from sagehen.services.ssm.commands.operations import Commands
from sagehen.services.ssm.commands.records import CommandRecords
from sagehen.services.ssm.commands.running import Runner
from sagehen.services.ssm.parameters.finding import Finder
from sagehen.services.ssm.parameters.for_services import ParametersForServices
from sagehen.services.ssm.parameters.labels import Labels
from sagehen.services.ssm.parameters.listing import Listings
from sagehen.services.ssm.parameters.operations import Parameters
from sagehen.services.ssm.parameters.records import MIGRATIONS, ParameterRecords
from sagehen.services.ssm.parameters.secrets import Secrets
from sagehen.services.ssm.parameters.tags import Tags
from sagehen.store.database import Database


class SsmService:
    """AWS Systems Manager: Parameter Store and Run Command.

    Args:
        database: Where parameters are stored.
        clock: Dates them.
        keys: KMS, for secrets.
        public: What AWS publishes under `/aws/service/`.
        machines: What takes commands.
        ids: Of commands.

    Attributes:
        parameters: Plain parameters, for other services.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        keys: SecretKeys,
        public: PublicParameters,
        machines: Machines,
        ids: Ids,
    ) -> None:
        database.migrate("ssm", MIGRATIONS)
        self._records = records = ParameterRecords(database)
        finder = Finder(records, public)
        self.parameters = ParametersForServices(finder)
        parameters = Parameters(records, finder, Secrets(keys), clock)
        commands = CommandRecords(database)
        self._runner = Runner(commands, machines, clock)
        self._service = Service(
            "ssm",
            (
                *(parameters, Listings(records, finder, parameters), Labels(records), Tags(records)),
                *(Commands(commands, self._runner, machines, clock, ids), CommandListings(commands)),
                ManagedInstances(machines, clock),
            ),
        )

    @property
    def services(self) -> Sequence[Service]:
        """Systems Manager alone."""
        return (self._service,)

    def resource_tags(self, arn: str) -> Mapping[str, str]:
        """Return the tags of a parameter; none where there is no such."""
        try:
            parsed = Arn.parse(arn)
        except ValueError:
            return {}
        scope = Scope(parsed.account_id, parsed.region)
        name = parsed.resource.removeprefix("parameter/")
        # An ARN does not tell whether the name of one level begins with a slash.
        tags = self._records.tags(scope, f"/{name}")
        return tags or self._records.tags(scope, name) or {}

    async def start(self) -> None:
        """End the commands of an earlier life."""
        await self._runner.start()

    async def stop(self) -> None:
        """End what runs."""
        await self._runner.stop()

    async def reset(self) -> None:
        """End what runs, whose rows are gone."""
        await self._runner.stop()
