"""Actions that only read: POST requests that change nothing."""

from __future__ import annotations

from typing import Any

import msgspec

from recovery.rehearsal.graph.envelope import Answer
from recovery.rehearsal.graph.question import Caller
from recovery.rehearsal.graph.refusal import bad_request
from recovery.rehearsal.population.population import Population

AVAILABLE_EXTENSIONS = "directoryObjects/getAvailableExtensionProperties"
ACTIONS = {AVAILABLE_EXTENSIONS: frozenset(("Directory.Read.All", "Directory.ReadWrite.All"))}
"""Paths of the actions that are served, and the permissions that open them."""
_SYNCED = "isSyncedFromOnPremises"


def action_at(path: str) -> str | None:
    """The action that a raw path names; Graph's paths are not case-sensitive."""
    return next((action for action in ACTIONS if action.lower() == path.strip("/").lower()), None)


class Actions:
    """Answers the actions of one tenant."""

    def __init__(self, population: Population) -> None:
        self._population = population

    def answer(self, action: str, version: str, parameters: Any, caller: Caller) -> Answer:
        """The directory extensions that are defined, on one page.

        Raises: Refusal 403 without the permission, 400 for parameters that the action does not have.
        """
        caller.require(ACTIONS[action])
        if not isinstance(parameters, dict) or not parameters.keys() <= {_SYNCED}:
            raise bad_request("The parameters of the action are not valid.")
        synced = parameters.get(_SYNCED)
        if not isinstance(synced, bool | None):
            raise bad_request(f"The parameter {_SYNCED} is a Boolean.")
        values = [
            {"@odata.type": "#microsoft.graph.extensionProperty", **definition}
            for definition in self._population.extensions.definitions()
            if synced is None or definition[_SYNCED] is synced
        ]
        context = f"{caller.origin}/{version}/$metadata#Collection(extensionProperty)"
        return Answer(msgspec.json.encode({"@odata.context": context, "value": values}), len(values))
