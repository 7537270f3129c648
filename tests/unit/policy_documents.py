"""The grammar of policies as `app` gives it to services that store such documents."""

from __future__ import annotations

from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.schema import MIGRATIONS
from sagehen.services.iam.policies.principals import PrincipalNames
from sagehen.services.iam.policies.resource_documents import ResourceDocuments
from sagehen.store.database import Database


def policy_documents(database: Database) -> ResourceDocuments:
    """Make one that knows no account: every well-formed principal may be named."""
    database.migrate("iam", MIGRATIONS)
    return ResourceDocuments(PrincipalNames(Records(database), frozenset()))
