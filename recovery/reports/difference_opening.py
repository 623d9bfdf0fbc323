"""What stands at the top of a difference report: a title, the difference in one paragraph, and what was compared."""

from __future__ import annotations

from recovery.reports.difference_document import CHANGES, Difference, Moment, privileged_numbers_of
from recovery.reports.markup import Markup, Node, element, joined
from recovery.reports.number import count_text, instant_text
from recovery.reports.page import facts
from recovery.reports.privilege import is_privileged, reading_order_of_object
from recovery.reports.value import camel_value, digest_value, inline_value
from verify.wording import counted

_NAMED_IN_LEAD = 4  # collections that the first paragraph names


def difference_opening(difference: Difference) -> Markup:
    """Title, paragraph and facts."""
    total = sum(counts.total for counts in difference.summary.values())
    title = f"{counted(total, 'object differs', 'objects differ')}" if total else "No difference found"
    if difference.unknown:
        title += ", and part is unknown" if total else " in what could be compared"
    lead = element("p", *_lead(difference, total))
    return joined((element("div", element("h1", title), lead, class_="titled"), _facts(difference)))


def _lead(difference: Difference, total: int) -> list[Node]:
    """The difference in one paragraph."""
    words: list[Node] = ["Between ", *_moment_words(difference.before), " and ", *_moment_words(difference.after), ", "]
    if total:
        words += [*_change_words(difference), *_privileged_words(difference)]
    else:
        words.append("nothing that could be compared differs. " if difference.unknown else "nothing differs. ")
    if difference.unknown:
        number = counted(len(difference.unknown), "part of the tenant is", "parts of the tenant are")
        words += [element("b", f"{number} UNKNOWN"), ": what could not be read is not called unchanged."]
    return words


def _change_words(difference: Difference) -> list[Node]:
    counts = difference.summary.values()
    removed, changed, added = (sum(getattr(one, word) for one in counts) for word in CHANGES)
    collections = counted(sum(one.total > 0 for one in counts), "collection")
    text = f"{count_text(removed)} removed, {count_text(changed)} changed and {count_text(added)} added"
    return [f"{counted(removed + changed + added, 'object differs', 'objects differ')} in {collections}: {text}. "]


def _privileged_words(difference: Difference) -> list[Node]:
    found = {name: number for name, number in privileged_numbers_of(difference).items() if number}
    unjudged = _unjudged_words(difference, bool(found))
    if not found:
        hidden = any(is_privileged(part.gap.collection) for part in difference.unknown)
        return unjudged or [f"Nothing privileged differs{' in what could be compared' if hidden else ''}. "]
    most = sorted(found, key=lambda name: (-found[name], reading_order_of_object(name, True)))
    named = joined(
        (joined((camel_value(name), f" ({count_text(found[name])})")) for name in most[:_NAMED_IN_LEAD]), ", "
    )
    more = f" and {counted(len(most) - _NAMED_IN_LEAD, 'other')}" if len(most) > _NAMED_IN_LEAD else ""
    those = counted(sum(found.values()), "of them is", "of them are")
    return [element("b", f"{those} privileged"), ": ", named, f"{more}. ", *unjudged]


def _unjudged_words(difference: Difference, besides: bool) -> list[Node]:
    """Of how many objects nobody knows whether they are privileged, and what would say so; `besides` some that are."""
    number = sum(bool(item.privilege_unknown) for item in difference.objects)
    if not number:
        return []
    those = counted(number, *(("more is", "more are") if besides else ("of them is", "of them are")))
    sources = dict.fromkeys(part.gap.collection for part in difference.privilege_unknown)
    named = joined((camel_value(name) for name in sources), ", ")
    return [element("b", f"Whether {those} privileged is UNKNOWN"), ": not read, or not wholly: ", named, ". "]


def _moment_words(moment: Moment) -> list[Node]:
    words: list[Node] = [inline_value(moment.name)]
    if moment.taken_at:
        words += [" (", inline_value(instant_text(moment.taken_at)), ")"]
    return words


def _facts(difference: Difference) -> Markup:
    return facts(
        (
            ("Tenant", inline_value(difference.tenant) if difference.tenant else None),
            ("Archive", digest_value(difference.archive_id) if difference.archive_id else None),
            ("Before", element("span", *_moment_words(difference.before))),
            ("After", element("span", *_moment_words(difference.after))),
            ("State root before", digest_value(difference.before.state_root)),
            ("State root after", digest_value(difference.after.state_root)),
        )
    )
