"""Attack scripts: JSON lists of operations on the tenant, applied in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from recovery.rehearsal.altering.actor import administrator_of, user_of
from recovery.rehearsal.altering.change import Change, net_of
from recovery.rehearsal.altering.tenant import SimulatedTenant
from recovery.rehearsal.altering.workforce import Workforce
from recovery.rehearsal.errors import ScriptError
from recovery.rehearsal.graph.filter import filter_of
from recovery.rehearsal.graph.refusal import Refusal
from recovery.rehearsal.population.assignments import KINDS, assignment_id_of, assignment_value_of
from recovery.rehearsal.population.entropy import guid_of
from recovery.rehearsal.population.grants import grant_of
from recovery.rehearsal.population.journal import Note
from recovery.rehearsal.population.roles import role_assignment_of
from verify.wording import counted

Operation = dict[str, Any]

MOST_OPERATIONS = 10_000
"""Operations in one script; a bound on input."""


class Attack:
    """Applies scripts to one tenant. Objects are named by `id`, or by `where`, a `$filter` whose first match counts.

    `notes` are what the last script did, with what was there before.
    """

    def __init__(self, tenant: SimulatedTenant, workforce: Workforce) -> None:
        self._tenant = tenant
        self._workforce = workforce
        self.notes: list[Note] = []
        self._operations: dict[str, Callable[[Operation], list[Change]]] = {
            "set": self._set,
            "add": self._add,
            "link": self._link,
            "unlink": self._unlink,
            "soft-delete": self._soft_delete,
            "hard-delete": self._hard_delete,
            "restore": self._restore,
            "weaken-policy": self._weaken_policy,
            "plant-role-assignment": self._plant_role_assignment,
            "plant-consent-grant": self._plant_consent_grant,
            "plant-app-role": self._plant_app_role,
            "add-federated-credential": self._add_federated_credential,
            "add-member": self._add_member,
        }

    def apply(self, script: list[Operation]) -> list[Change]:
        """Carries out the operations and returns the net changes.

        Raises: ScriptError at the first operation that can't be done; it says that those before it stay done.
        """
        if not isinstance(script, list) or len(script) > MOST_OPERATIONS:
            raise ScriptError(f"a script is a list of at most {MOST_OPERATIONS} operations")
        with self._tenant.alteration.door.watched() as self.notes:
            return net_of(self._applied(script))

    def _applied(self, script: list[Operation]) -> list[Change]:
        changes: list[Change] = []
        door, population = self._tenant.alteration.door, self._tenant.population
        for number, operation in enumerate(script, start=1):
            try:
                by = operation.get("by")
                actor = administrator_of(population) if by is None else user_of(population, str(by))
                with door.acting(actor):
                    changes += self._operations[operation["op"]](operation)
            except (KeyError, TypeError, AttributeError) as error:
                raise ScriptError(f"{_place(number, script)} lacks or does not know {error}") from error
            except ScriptError as error:
                raise ScriptError(f"{_place(number, script)}: {error.message}") from error
        return changes

    def _ids(self, operation: Operation, collection: str, name: str = "") -> list[str]:
        """Ids that `id`, `ids` or `where` (or `NAME_id`, `NAME_where`) give."""
        prefix = f"{name}_" if name else ""
        if f"{prefix}ids" in operation:
            return [str(id) for id in operation[f"{prefix}ids"]]
        if f"{prefix}id" in operation:
            return [str(operation[f"{prefix}id"])]
        held = self._tenant.population.collections[collection]
        try:
            wanted = filter_of(operation[f"{prefix}where"], held.key)
            limit = int(operation.get("limit", 1))
            found: list[str] = []
            for id in held:
                if len(found) == limit:
                    break
                if wanted.test(held.value(id)):
                    found.append(id)
        except Refusal as refusal:
            raise ScriptError(refusal.message) from refusal
        if not found:
            raise ScriptError(f"no {collection} where {operation[f'{prefix}where']}")
        return found

    def _set(self, operation: Operation) -> list[Change]:
        collection, changes = operation["collection"], []
        for id in self._ids(operation, collection):
            changes += self._tenant.alteration.change(collection, id, operation["attribute"], operation["value"])
        return changes

    def _add(self, operation: Operation) -> list[Change]:
        if "parent_id" in operation:
            return self._tenant.alteration.contain(
                operation["parent_collection"], operation["parent_id"], operation["relation"], operation["value"]
            )
        return self._tenant.alteration.add(operation["collection"], operation["value"])

    def _link(self, operation: Operation) -> list[Change]:
        source = self._ids(operation, operation["collection"])[0]
        target = self._ids(operation, operation.get("target_collection", "users"), "target")[0]
        return self._tenant.alteration.link(operation["collection"], source, operation["relation"], target)

    def _unlink(self, operation: Operation) -> list[Change]:
        source = self._ids(operation, operation["collection"])[0]
        target = self._ids(operation, operation.get("target_collection", "users"), "target")[0]
        return self._tenant.alteration.unlink(operation["collection"], source, operation["relation"], target)

    def _soft_delete(self, operation: Operation) -> list[Change]:
        collection = operation["collection"]
        return self._tenant.alteration.soft_delete(collection, self._ids(operation, collection), self._workforce.now())

    def _hard_delete(self, operation: Operation) -> list[Change]:
        collection = operation["collection"]
        return self._tenant.alteration.hard_delete(collection, self._ids(operation, collection))

    def _restore(self, operation: Operation) -> list[Change]:
        return self._tenant.alteration.restore(operation["collection"], operation["id"])

    def _weaken_policy(self, operation: Operation) -> list[Change]:
        """Sets the state (default: disabled) and, with `exclude_user_id`, shuts somebody out of the policy."""
        changes: list[Change] = []
        for id in self._ids(operation, "conditionalAccessPolicies"):
            changes += self._tenant.alteration.change(
                "conditionalAccessPolicies", id, "state", operation.get("state", "disabled")
            )
            if "exclude_user_id" in operation:
                changes += self._tenant.alteration.change(
                    "conditionalAccessPolicies", id, "/conditions/users/excludeUsers/-", operation["exclude_user_id"]
                )
        return changes

    def _plant_role_assignment(self, operation: Operation) -> list[Change]:
        principal = self._ids(operation, operation.get("principal_collection", "users"), "principal")[0]
        role = self._ids(operation, "roleDefinitions", "role")[0]
        value = role_assignment_of(role, principal, operation.get("scope", "/"), self._tenant.id)
        return self._tenant.alteration.add("roleAssignments", value)

    def _plant_consent_grant(self, operation: Operation) -> list[Change]:
        """A delegated grant of `scope` to a client, for everybody unless `principal_id` names one person."""
        principals = self._tenant.population.principals
        client = self._ids(operation, "servicePrincipals", "client")[0]
        graph = self._tenant.population.plan.id_of("servicePrincipals", principals.graph_index)
        value = grant_of(client, operation.get("resource_id", graph), operation.get("principal_id"), operation["scope"])
        held = self._tenant.population.collections["oauth2PermissionGrants"]
        if value["id"] in held:
            return self._tenant.alteration.change("oauth2PermissionGrants", value["id"], "scope", operation["scope"])
        return self._tenant.alteration.add("oauth2PermissionGrants", value)

    def _plant_app_role(self, operation: Operation) -> list[Change]:
        """An application permission (`role_id`) on a resource, for a user, a group or a service principal."""
        population = self._tenant.population
        collection = operation.get("principal_collection", "servicePrincipals")
        principal = self._ids(operation, collection, "principal")[0]
        graph = population.plan.id_of("servicePrincipals", population.principals.graph_index)
        resource = operation.get("resource_id", graph)
        value = assignment_value_of(
            assignment_id_of(principal, resource, operation["role_id"]),
            principal,
            KINDS[collection],
            str(population.collections[collection].value(principal)["displayName"]),
            resource,
            str(population.collections["servicePrincipals"].value(resource)["displayName"]),
            operation["role_id"],
            self._workforce.now(),
        )
        return self._tenant.alteration.contain("servicePrincipals", resource, "appRoleAssignedTo", value)

    def _add_federated_credential(self, operation: Operation) -> list[Change]:
        application = self._ids(operation, "applications")[0]
        value = {
            "id": guid_of("federated", application, operation["issuer"], operation["subject"]),
            "audiences": ["api://AzureADTokenExchange"],
            "description": None,
            "issuer": operation["issuer"],
            "name": operation.get("name", "sync"),
            "subject": operation["subject"],
        }
        return self._tenant.alteration.contain("applications", application, "federatedIdentityCredentials", value)

    def _add_member(self, operation: Operation) -> list[Change]:
        group = self._ids(operation, "groups", "group")[0]
        member = self._ids(operation, operation.get("member_collection", "users"), "member")[0]
        return self._tenant.alteration.link("groups", group, "members", member)


def _place(number: int, script: Sequence[Operation]) -> str:
    """Which operation is meant, and what has happened by then."""
    done = counted(number - 1, "operation before it is", "operations before it are") if number > 1 else "nothing is"
    return f"operation {number} of {len(script)} ({done} applied)"
