"""IamService: the component that `app` starts; it implements IAM, STS and the ports of identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Credentials
from sagehen.domain.ids import Ids
from sagehen.services.iam.account.details import AccountDetails
from sagehen.services.iam.account.execution_roles import make_execution_roles
from sagehen.services.iam.account.operations import Account
from sagehen.services.iam.authorization.authorizer import PolicyAuthorizer
from sagehen.services.iam.authorization.encoded import AuthorizationMessages
from sagehen.services.iam.authorization.journal_for_console import JournalForConsole
from sagehen.services.iam.authorization.simulation import Simulation
from sagehen.services.iam.credentials.assembly import credential_operations
from sagehen.services.iam.credentials.mfa_codes import MfaCodes
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.schema import MIGRATIONS
from sagehen.services.iam.federation.oidc_providers import OidcProviders
from sagehen.services.iam.federation.saml_providers import SamlProviders
from sagehen.services.iam.federation.web_identity import WebIdentity
from sagehen.services.iam.identities.assembly import identity_operations
from sagehen.services.iam.identities.profiles_for_services import ProfilesForServices
from sagehen.services.iam.identities.service_linked_roles import ServiceLinkedRoles
from sagehen.services.iam.identities.tags import tags_of_resource
from sagehen.services.iam.policies.assembly import policy_operations
from sagehen.services.iam.policies.principals import PrincipalNames
from sagehen.services.iam.policies.resource_documents import ResourceDocuments
from sagehen.services.iam.policies.trust import TrustPolicies
from sagehen.services.iam.sessions.caller import Caller
from sagehen.services.iam.sessions.housekeeping import Housekeeping
from sagehen.services.iam.sessions.of_consoles import SessionsOfConsoles
from sagehen.services.iam.sessions.of_roles import RoleSessions
from sagehen.services.iam.sessions.operations import TemporaryCredentials
from sagehen.services.iam.sessions.records import SessionRecords
from sagehen.services.iam.sessions.role_rights import RightsOfRoles
from sagehen.services.iam.sessions.signing_keys import StoredIdentities
from sagehen.store.database import Database


class IamService:
    """Both AWS services and the ports of identity.

    Args:
        database: For all but the root keys.
        clock: For session expiry and dates.
        ids: For unique ids and keys.
        root_accounts: The accounts that exist, each with its root access keys.

    Attributes:
        services: `iam` and `sts` for the gateway.
        identities: domain.ports.Identities.
        authorizer: domain.ports.Authorizer; `authorizer.resource_policies["s3"] = ...` adds the
            resource policies of a service, by the service segment of its ARNs.
        roles: domain.ports.Roles.
        console_keys: domain.ports.ConsoleKeys.
        access_journal: domain.ports.AccessJournal.
        role_rights: domain.ports.RoleRights.
        instance_profiles: domain.ports.InstanceProfiles.
        linked_roles: domain.ports.LinkedRoles.
        resource_documents: domain.ports.ResourceDocuments.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        root_accounts: Mapping[str, Sequence[Credentials]],
    ) -> None:
        database.migrate("iam", MIGRATIONS)
        self._clock = clock
        self._records = records = Records(database)
        sessions = SessionRecords(database, clock, ids)
        names = PrincipalNames(records, frozenset(root_accounts))
        trust, codes = TrustPolicies(records, names), MfaCodes(records, clock)
        self.authorizer = authorizer = PolicyAuthorizer(records, clock)
        authorizer.resource_policies["iam"] = trust
        authorizer.resource_tags["iam"] = partial(tags_of_resource, records)
        self.resource_documents = ResourceDocuments(names)
        self.identities = StoredIdentities(records, sessions, root_accounts)
        self.roles = RoleSessions(records, sessions, authorizer)
        self.access_journal = JournalForConsole(authorizer.journal, records, clock)
        self.role_rights = RightsOfRoles(records, authorizer)
        self.console_keys = SessionsOfConsoles(records, sessions, self.identities, authorizer)
        self.instance_profiles = ProfilesForServices(records)
        self.linked_roles = ServiceLinkedRoles(records, trust, clock, ids)
        iam = (
            *identity_operations(records, trust, self.linked_roles, clock, ids, authorizer.last_used),
            *credential_operations(records, codes, clock, ids, authorizer.last_used),
            *policy_operations(records, clock, ids),
            *(Account(records), AccountDetails(records, trust), Simulation(records)),
            *(OidcProviders(records, clock), SamlProviders(records, clock, ids)),
        )
        sts = (
            Caller(self.identities),
            TemporaryCredentials(records, sessions, codes, clock),
            WebIdentity(records, sessions, authorizer, clock),
            AuthorizationMessages(authorizer.encoded),
        )
        self.services: Sequence[Service] = (Service("iam", iam), Service("sts", sts))
        self._make_roles = partial(make_execution_roles, records, clock, ids, tuple(root_accounts))
        calls = authorizer.journal.calls
        self._housekeeping = Housekeeping(records, sessions, authorizer.last_used, calls, clock)

    async def start(self) -> None:
        """Make the execution roles of accounts that never had one; begin housekeeping."""
        await self._make_roles()
        self.authorizer.journal.calls.load(self._records.database)
        self._housekeeping.start()

    async def stop(self) -> None:
        """End housekeeping and store the last-used dates."""
        await self._housekeeping.stop()

    async def reset(self) -> None:
        """Forget every cache and make the execution roles again."""
        self._records.changed()
        self.identities.forget()
        self.authorizer.last_used.forget()
        self.authorizer.journal.forget(self._clock.now())
        await self._make_roles()
