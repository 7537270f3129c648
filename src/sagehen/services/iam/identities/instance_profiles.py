"""Instance profiles: how a role reaches an EC2 instance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.access import on_entity, on_listing
from sagehen.services.iam.entities.entity import Entity, Kind, entity_arn
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.paths import given_path
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.tags import tags_of
from sagehen.services.iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from sagehen.services.iam.identities.roles import LEFT_OUT_WHEN_CREATED, role_member
from sagehen.services.iam.policies.trust import TrustPolicies
from sagehen.store.database import Transaction


def instance_profile_member(
    profile: Entity, records: Records, trust: TrustPolicies, *, full: bool = True
) -> dict[str, Any]:
    """Return an InstanceProfile structure with its role; listings leave tags out."""
    member = {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.unique_id,
        "Arn": profile.arn,
        "CreateDate": profile.created_at,
        # An empty profile has an empty list: clients count on the member.
        "Roles": [
            role_member(role, trust, full=False, without=LEFT_OUT_WHEN_CREATED)
            for role in records.members(profile)
        ],
    }
    return member | ({"Tags": profile.tag_list()} if full else {})


def _adding_role(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Who puts a role into a profile hands it to EC2: that is passing it."""
    yield from on_entity(Kind.INSTANCE_PROFILE)(owner, context, request)
    role = owner.records.find(context.scope.account_id, Kind.ROLE, request["RoleName"])
    arn = entity_arn(context.scope.account_id, Kind.ROLE, "/", request["RoleName"])
    yield Access("iam:PassRole", role.arn if role else arn, {"iam:PassedToService": "ec2.amazonaws.com"})


class InstanceProfiles:
    """The operations on instance profiles."""

    def __init__(self, records: Records, trust: TrustPolicies, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._trust = trust
        self._clock = clock
        self._ids = ids

    @operation("CreateInstanceProfile", access=on_entity(Kind.INSTANCE_PROFILE))
    async def create_instance_profile(self, context: RequestContext, request: Request) -> dict[str, Any]:
        now = self._clock.now()
        profile = Entity(
            context.scope.account_id,
            Kind.INSTANCE_PROFILE,
            request["InstanceProfileName"],
            given_path(request),
            self._ids.unique_id(Kind.INSTANCE_PROFILE.id_prefix),
            created_at=now,
            updated_at=now,
            tags=tags_of(request, Kind.INSTANCE_PROFILE),
        )
        await self.records.write(lambda tx: self.records.insert(tx, profile))
        # Recorded: only GetInstanceProfile has an empty list of tags.
        return {"InstanceProfile": self._member(profile, full=bool(profile.tags))}

    @operation("GetInstanceProfile", access=on_entity(Kind.INSTANCE_PROFILE))
    async def get_instance_profile(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return {"InstanceProfile": self._member(self._get(context, request))}

    @operation("ListInstanceProfiles", access=on_listing(Kind.INSTANCE_PROFILE))
    async def list_instance_profiles(self, context: RequestContext, request: Request) -> dict[str, Any]:
        profiles = self.records.under(
            context.scope.account_id, Kind.INSTANCE_PROFILE, request.get("PathPrefix", "/")
        )
        return self._page(profiles, request, "instance profiles")

    @operation("ListInstanceProfilesForRole", access=on_entity(Kind.ROLE))
    async def list_instance_profiles_for_role(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        role = self.records.get(context.scope.account_id, Kind.ROLE, request["RoleName"])
        return self._page(self.records.containers(role), request, "role's instance profiles")

    @operation("DeleteInstanceProfile", access=on_entity(Kind.INSTANCE_PROFILE))
    async def delete_instance_profile(self, context: RequestContext, request: Request) -> None:
        profile = self._get(context, request)

        def change(tx: Transaction) -> None:
            # Recorded.
            if self.records.exists(tx, "iam_members", "container_id", profile.unique_id):
                raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
            self.records.delete(tx, profile)

        await self.records.write(change)

    @operation("AddRoleToInstanceProfile", access=_adding_role)
    async def add_role_to_instance_profile(self, context: RequestContext, request: Request) -> None:
        profile = self._get(context, request)
        role = self.records.get(context.scope.account_id, Kind.ROLE, request["RoleName"])

        def change(tx: Transaction) -> None:
            # Recorded: a profile has one role.
            if self.records.exists(tx, "iam_members", "container_id", profile.unique_id):
                raise LimitExceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
            for entity in (profile, role):
                self.records.update(tx, entity.unique_id)  # both must still be there
            tx.execute("INSERT INTO iam_members VALUES (?, ?)", (profile.unique_id, role.unique_id))

        await self.records.write(change)

    @operation("RemoveRoleFromInstanceProfile", access=on_entity(Kind.INSTANCE_PROFILE))
    async def remove_role_from_instance_profile(self, context: RequestContext, request: Request) -> None:
        profile = self._get(context, request)
        role = self.records.get(context.scope.account_id, Kind.ROLE, request["RoleName"])
        pair = (profile.unique_id, role.unique_id)

        def change(tx: Transaction) -> None:
            sql = "DELETE FROM iam_members WHERE container_id = ? AND member_id = ?"
            if tx.execute(sql, pair).rowcount == 0:
                raise NoSuchEntity(f"The role with name {role.name} cannot be found.")

        await self.records.write(change)

    def _get(self, context: RequestContext, request: Request) -> Entity:
        name = request["InstanceProfileName"]
        return self.records.get(context.scope.account_id, Kind.INSTANCE_PROFILE, name)

    def _member(self, profile: Entity, *, full: bool = True) -> dict[str, Any]:
        return instance_profile_member(profile, self.records, self._trust, full=full)

    def _page(self, profiles: list[Entity], request: Request, listing: str) -> dict[str, Any]:
        page = cut(profiles, request, lambda profile: profile.name, listing)
        members = [self._member(profile, full=False) for profile in page.items]
        return answer(page, InstanceProfiles=members)
