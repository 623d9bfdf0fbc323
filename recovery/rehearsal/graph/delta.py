"""Change tracking: the answers of the delta functions, page by page, from the journal of what was altered.

Sources: Graph's pages delta-query-overview, delta-query-users and delta-query-groups, and those of each function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from recovery.rehearsal.graph.delta_reset import Resets, reset_of
from recovery.rehearsal.graph.delta_state import State, StateTokens, malformed_token
from recovery.rehearsal.graph.delta_subject import Subjects, annotated
from recovery.rehearsal.graph.envelope import Answer
from recovery.rehearsal.graph.projection import Projection
from recovery.rehearsal.graph.query import CLEAR, Query
from recovery.rehearsal.graph.question import Question
from recovery.rehearsal.graph.refusal import Refusal, unsupported_query
from recovery.rehearsal.graph.surface import ROW_BY_COLLECTION
from recovery.rehearsal.population.clock import SECONDS_A_DAY
from recovery.rehearsal.population.entropy import Draw
from recovery.rehearsal.population.journal import CAME, KEPT_DAYS, WENT, Entry
from recovery.rehearsal.population.population import RECYCLE_BINS, Population

Value = dict[str, Any]

OBJECTS_A_PAGE, LINKS_A_PAGE = 200, 1_000
"""Sizes of a page, which are the server's; Graph documents none."""

MOST_FILTERED = 50
"""Objects that `$filter` may name (Graph's user-delta and group-delta pages)."""

LATEST = "latest"
"""The state token that asks for the present without any object."""

REPLAYED_ENTRIES = 30
"""Alterations of the whole tenant back to which a round tells once more of what the round before told of."""

REPLAY_SHARE, AGAIN_SHARE = 250, 50
"""Of 1,000 rounds, and of 1,000 objects, so many come again."""

_BARE = frozenset(("users", "groups"))
"""Collections whose delta functions refuse `$top`; the others take no notice of it."""

_FILTER = re.compile(r"\s*id\s+eq\s+'(?P<id>[^']*)'\s*(?:\bor\b|$)")


class _Round(NamedTuple):
    """What a round goes through: ids by place (None: a hole), and what happened to them; None when it lists all."""

    subjects: Subjects
    places: Sequence[str | None]
    entries: dict[str, list[Entry]] | None


class Deltas:
    """Answers the delta functions of one tenant. The sizes of a page may be altered at any time."""

    def __init__(self, population: Population, projection: Projection) -> None:
        self._population, self._projection = population, projection
        self._tokens = StateTokens(population.plan.tenant_id)
        self.resets = Resets()
        self.objects_a_page, self.links_a_page = OBJECTS_A_PAGE, LINKS_A_PAGE

    def answer(self, question: Question) -> Answer:
        """A page. Raises: Refusal for what Graph would refuse, among it a token that is too old or was reset."""
        question.caller.require(question.address.row.permissions)
        _refuse_options(question)
        state = self._state_of(question)
        address = question.address
        subjects = Subjects(
            self._population, self._projection, address.row, address.version, state.select, question.caller
        )
        if question.query.delta_token == LATEST:
            return self._page(question, [], self._finished(state))
        values, following = self._filled(self._round_of(state, subjects), state)
        return self._page(question, values, following)

    def reset(self, question: Question, style: str) -> None:
        """Refuses a state token for the fault plan's sake; a request without one goes on. Raises: Refusal."""
        token = _token_in(question.query)
        if token:
            raise self._reset(question, style, self._tokens.state_of(token))

    def _state_of(self, question: Question) -> State:
        address, query, clock = question.address, question.query, self._population.clock
        token = _token_in(query)
        if not token:
            now, head = clock.seconds, self._population.journal.head
            return State(
                address.row.collection, address.version, query.select, _ids_of(query.filter), None, now, head, now
            )
        state = self._tokens.state_of(token)
        if (state.collection, state.version) != (address.row.collection, address.version):
            raise malformed_token()
        if state.finished is not (query.skip_token is None):
            raise malformed_token()
        style = self.resets.next(state.collection)
        if style is None and (
            clock.seconds - state.since_at > KEPT_DAYS * SECONDS_A_DAY or state.until > self._population.journal.head
        ):
            style = self.resets.style
        if style is not None:
            raise self._reset(question, style, state)
        if not state.finished:
            return state
        return msgspec.structs.replace(
            state,
            select=query.select or state.select,
            since=state.until,
            since_at=state.until_at,
            until=self._population.journal.head,
            until_at=clock.seconds,
            finished=False,
        )

    def _reset(self, question: Question, style: str, state: State) -> Refusal:
        def location() -> str:
            options = [f"$select={','.join(state.select)}"] if state.select else []
            if state.ids is not None:
                options.append("$filter=" + " or ".join(f"id eq '{id}'" for id in state.ids))
            text = "&".join([*options, "$deltatoken="])
            return f"{_place_of(question)}?{quote(text, safe=CLEAR + '&')}"

        return reset_of(style, location)

    def _round_of(self, state: State, subjects: Subjects) -> _Round:
        if state.since is None:
            places: Sequence[str | None] = subjects.collection.places
            if state.ids is not None:
                places = [id if id in subjects.collection else None for id in state.ids]
            return _Round(subjects, places, None)
        entries = self._entries_of(state, state.since, state.until)
        seed = self._population.plan.seed
        told = [id for id in entries if subjects.concerns(entries[id])]
        told += [id for id in told if Draw(seed, "again", id, state.since).chance(AGAIN_SHARE)]
        if state.before is not None and Draw(seed, "replay", state.collection, state.since).chance(REPLAY_SHARE):
            # Behind all others: the journal may forget them while a client pages, and no place moves.
            before = self._entries_of(state, max(state.before, state.since - REPLAYED_ENTRIES), state.since)
            told += [id for id in before if id not in entries and subjects.concerns(before[id])]
            entries = {**before, **entries}
        return _Round(subjects, told, entries)

    def _entries_of(self, state: State, since: int, until: int) -> dict[str, list[Entry]]:
        """What happened to each object in a part of the journal, in order."""
        journal, bin = self._population.journal, RECYCLE_BINS.get(state.collection, "")
        binned = [entry for entry in journal.between(bin, since, until) if entry.change == WENT]
        found: dict[str, list[Entry]] = {}
        for entry in sorted([*journal.between(state.collection, since, until), *binned]):
            if state.ids is None or entry.id in state.ids:
                found.setdefault(entry.id, []).append(entry)
        return found

    def _filled(self, round: _Round, state: State) -> tuple[list[Value], State]:
        values: list[Value] = list(self._repeated(round, state))
        place, offset, room = state.place, state.offset, self.links_a_page
        while place < len(round.places) and len(values) < self.objects_a_page and room > 0:
            id = round.places[place]
            if id is not None:
                value, taken, whole = self._told(round, id, offset, room)
                values.append(value)
                room -= taken
                offset += taken
                if not whole:
                    break
            place, offset = place + 1, 0
        if any(id is not None for id in round.places[place:]):
            return values, msgspec.structs.replace(state, place=place, offset=offset)
        return values, self._finished(state)

    def _repeated(self, round: _Round, state: State) -> Iterator[Value]:
        """Now and then a page of a list begins with the object that the page before ended with."""
        draw = Draw(self._population.plan.seed, "repeated", state.collection, state.place)
        if round.entries is None and state.place and not state.offset and draw.chance(REPLAY_SHARE):
            before = round.places[state.place - 1]
            if before is not None:
                yield round.subjects.head(before)

    def _told(self, round: _Round, id: str, offset: int, room: int) -> tuple[Value, int, bool]:
        """An object from one of its links on: what is said, how many links that took, and whether that was all."""
        subjects = round.subjects
        if id not in subjects.collection:
            return subjects.removal(id), 0, True
        entries = [] if round.entries is None else round.entries[id]
        changed = subjects.changed_links(id, entries)
        if round.entries is None or any(entry.change == CAME for entry in entries):
            changed = [each for each in changed if "@removed" in each[1]]
            part, taken = subjects.page_of_links(id, offset, room)
            there = sum(len(targets) for _, targets in subjects.links(id))
        else:
            part, taken, there = [], 0, 0
        behind = max(0, offset + taken - there)
        rest = changed[behind : behind + room - taken]
        taken += len(rest)
        whole = offset + taken >= there + len(changed)
        return annotated(subjects.head(id), [*part, *rest]), taken, whole

    def _finished(self, state: State) -> State:
        return msgspec.structs.replace(
            state, place=0, offset=0, finished=True, since=None, since_at=state.until_at, before=state.since
        )

    def _page(self, question: Question, values: list[Value], following: State) -> Answer:
        name, option = ("deltaLink", "$deltatoken") if following.finished else ("nextLink", "$skiptoken")
        link = f"{_place_of(question)}?{option}={self._tokens.token_of(following)}"
        head = {"@odata.context": _context_of(question), f"@odata.{name}": link}
        body = msgspec.json.encode({**head, "value": values})
        return Answer(body, len(values), None if following.finished else link)


def _token_in(query: Query) -> str:
    """The state token of a request; empty when it begins a round."""
    token = query.skip_token if query.skip_token is not None else query.delta_token or ""
    return "" if token == LATEST else token


def _refuse_options(question: Question) -> None:
    query, collection = question.query, question.address.row.collection
    if query.expand or query.order is not None or (query.top is not None and collection in _BARE):
        raise unsupported_query("$expand, $orderby and $top are not supported by the delta function.")
    if query.skip_token is not None and (query.select or query.filter or query.delta_token is not None):
        raise unsupported_query("A skip token holds the other query options already.")


def _ids_of(filter: str | None) -> tuple[str, ...] | None:
    """The objects that a filter names. Raises: Refusal 400 for any other filter, and for more than MOST_FILTERED."""
    if filter is None:
        return None
    found: list[str] = []
    at = 0
    while at < len(filter):
        match = _FILTER.match(filter, at)
        if match is None or len(found) == MOST_FILTERED:
            raise unsupported_query(f"The delta function filters by id alone, up to {MOST_FILTERED} objects.")
        found.append(match["id"])
        at = match.end()
    return tuple(dict.fromkeys(found))


def _place_of(question: Question) -> str:
    return f"{question.caller.origin}/{question.address.version}/{question.address.path}"


def _context_of(question: Question) -> str:
    address = question.address
    tracked = ROW_BY_COLLECTION[address.row.collection].tracks or ()
    names = [name for name in question.query.select or () if name not in tracked]
    select = f"({','.join(names)})" if names else ""
    return f"{question.caller.origin}/{address.version}/$metadata#{address.row.paths[0]}{select}"
