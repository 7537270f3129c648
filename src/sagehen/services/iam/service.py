"""IamService: the component that `app` starts; it implements IAM, STS and the ports of identity."""

from __future__ import annotations

import asyncio
import contextlib
import logging
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
from sagehen.services.iam.authorization.simulation import Simulation
from sagehen.services.iam.credentials.access_keys import AccessKeys
from sagehen.services.iam.credentials.certificates import Certificates
from sagehen.services.iam.credentials.login_profiles import LoginProfiles
from sagehen.services.iam.credentials.mfa_devices import MfaDevices
from sagehen.services.iam.credentials.password_policy import PasswordPolicies
from sagehen.services.iam.credentials.service_credentials import ServiceCredentials
from sagehen.services.iam.entities.records import MIGRATIONS, Records
from sagehen.services.iam.federation.oidc_providers import OidcProviders
from sagehen.services.iam.federation.saml_providers import SamlProviders
from sagehen.services.iam.federation.web_identity import WebIdentity
from sagehen.services.iam.identities.groups import Groups
from sagehen.services.iam.identities.instance_profiles import InstanceProfiles
from sagehen.services.iam.identities.roles import Roles
from sagehen.services.iam.identities.service_linked_roles import ServiceLinkedRoles
from sagehen.services.iam.identities.tags import Tags, tags_of_resource
from sagehen.services.iam.identities.users import Users
from sagehen.services.iam.policies.attachments import PolicyAttachments
from sagehen.services.iam.policies.inline import InlinePolicies
from sagehen.services.iam.policies.managed import ManagedPolicies
from sagehen.services.iam.policies.resource_documents import PrincipalNames, ResourceDocuments
from sagehen.services.iam.policies.trust import TrustPolicies
from sagehen.services.iam.policies.versions import PolicyVersions
from sagehen.services.iam.sessions.caller import Caller
from sagehen.services.iam.sessions.of_roles import RoleSessions
from sagehen.services.iam.sessions.operations import TemporaryCredentials
from sagehen.services.iam.sessions.records import SessionRecords
from sagehen.services.iam.sessions.signing_keys import StoredIdentities
from sagehen.store.database import Database

# Expired sessions and last-used dates are housekeeping: nothing waits for this period.
HOUSEKEEPING_PERIOD_S = 60.0
_LOG = logging.getLogger(__name__)


class IamService:
    """Both AWS services and the ports of identity.

    Args:
        database: Where all but the root keys lives.
        clock: For session expiry and dates.
        ids: For unique ids and keys.
        root_accounts: The accounts that exist, each with its root access keys.

    Attributes:
        services: `iam` and `sts` for the gateway.
        identities: the port Identities.
        authorizer: the port Authorizer; `authorizer.resource_policies["s3"] = ...` adds the
            resource policies of a service, by the service segment of its ARNs.
        roles: the port Roles.
        resource_documents: the port ResourceDocuments.
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
        self._ids = ids
        self._accounts = tuple(root_accounts)
        self._records = records = Records(database)
        self._sessions = SessionRecords(database, clock, ids)
        names = PrincipalNames(records, frozenset(root_accounts))
        trust = TrustPolicies(records, names)
        mfa = MfaDevices(records, clock, ids)
        self.resource_documents = ResourceDocuments(names)
        self.identities = StoredIdentities(records, self._sessions, root_accounts)
        self.authorizer = PolicyAuthorizer(records, clock)
        self.authorizer.resource_policies["iam"] = trust
        self.authorizer.resource_tags["iam"] = partial(tags_of_resource, records)
        self.roles = RoleSessions(records, self._sessions, self.authorizer)
        passwords = PasswordPolicies(records)
        self.services: Sequence[Service] = (
            Service(
                "iam",
                (
                    Users(records, clock, ids),
                    AccessKeys(records, clock, ids, self.authorizer.last_used),
                    Groups(records, clock, ids),
                    Roles(records, trust, clock, ids, self.authorizer.last_used),
                    ServiceLinkedRoles(records, trust, clock, ids),
                    InstanceProfiles(records, trust, clock, ids),
                    InlinePolicies(records),
                    ManagedPolicies(records, clock, ids),
                    PolicyVersions(records, clock),
                    PolicyAttachments(records),
                    Tags(records),
                    Account(records),
                    AccountDetails(records, trust),
                    Simulation(records),
                    ServiceCredentials(records, clock, ids),
                    Certificates(records),
                    passwords,
                    LoginProfiles(records, clock, passwords),
                    mfa,
                    OidcProviders(records, clock),
                    SamlProviders(records, clock, ids),
                ),
            ),
            Service(
                "sts",
                (
                    Caller(self.identities),
                    TemporaryCredentials(records, self._sessions, mfa, clock),
                    WebIdentity(records, self._sessions, self.authorizer, clock),
                ),
            ),
        )
        self._housekeeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Make the execution roles of accounts that never had one; begin housekeeping."""
        await make_execution_roles(self._records, self._clock, self._ids, self._accounts)
        self._housekeeping = asyncio.create_task(self._keep_house(), name="iam-housekeeping")

    async def stop(self) -> None:
        """End housekeeping and store the last-used dates."""
        if self._housekeeping is not None:
            self._housekeeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._housekeeping
            self._housekeeping = None
        await self.authorizer.last_used.store(self._records)

    async def reset(self) -> None:
        """Forget every cache and make the execution roles again."""
        self._records.changed()
        self.identities.forget()
        self.authorizer.last_used.forget()
        await make_execution_roles(self._records, self._clock, self._ids, self._accounts)

    async def _keep_house(self) -> None:
        while True:
            try:
                await self._sessions.sweep(self._clock.now())
                await self.authorizer.last_used.store(self._records)
            except Exception:  # a full disk today must not end housekeeping for good
                _LOG.exception("housekeeping of IAM failed; it is tried again")
            await self._clock.sleep(HOUSEKEEPING_PERIOD_S)
