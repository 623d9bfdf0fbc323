"""Checks of the way to the tenant: credential, token, tenant, permissions, clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography.x509 import load_pem_x509_certificates

from archiver.collection_choice import chosen_rows
from archiver.doctor.check import FAIL, NOT_CHECKED, PASS, WARN, Check
from archiver.doctor.patient import Patient
from archiver.graph.catalogue import load_catalogue
from archiver.graph.client import GraphClient
from archiver.graph.errors import GraphUnreachableError
from archiver.graph.grant import grant_lines_of
from archiver.graph.http_date import http_date_of
from archiver.graph.permission import MissingPermission, missing_of, write_roles_of
from archiver.graph.simulation import is_simulated
from archiver.graph.token_claims import TokenClaims, claims_of
from archiver.interruptible_loop import run_interruptibly
from config.errors import SettingsError
from config.tenant import TenantSettings
from verify.errors import StrongroomError
from verify.wording import counted

ANSWER_SECONDS = 60.0
"""Seconds for token and answer together; both take under one where all is well."""
MOST_SKEW_SECONDS = 300
"""Entra refuses client assertions, and Kerberos before it tickets, beyond 5 minutes (Microsoft Learn)."""
CERTIFICATE_WARNING = timedelta(days=30)
# What can't be checked without a token, and without an answer: listed all the same, never green by absence.
BEHIND_ANSWER = (("simulated", "Real or simulated tenant"), ("clock", "Clock"))
BEHIND_SIGN_IN = (
    ("tenant", "Tenant"),
    ("permissions", "Permissions"),
    ("write-roles", "Nothing but reading"),
    ("graph", "Microsoft Graph"),
    *BEHIND_ANSWER,
)


class Answer(NamedTuple):
    """What Graph answered. `skew_seconds`: Graph's clock less ours, None without a Date."""

    status: int
    simulated: bool
    skew_seconds: float | None


class Visit(NamedTuple):
    """How far the way to the tenant is open; `trouble` is what stopped it, if anything did."""

    claims: TokenClaims | None
    answer: Answer | None
    trouble: StrongroomError | None


def certificate_checks(patient: Patient) -> Iterator[Check]:
    """How long the certificate of the credential is still good."""
    credential = patient.settings.tenant.credential
    path = credential.certificate_file if credential else None
    if path is None:
        return
    id_, title = "certificate", "Certificate of the credential"
    absence = patient.absence_of(path)
    if absence:
        yield Check(id_, title, NOT_CHECKED, absence)
        return
    try:
        certificate = load_pem_x509_certificates(path.read_bytes())[0]
    except (OSError, ValueError) as error:
        yield Check(
            id_,
            title,
            FAIL,
            f"{path} holds no certificate: {error.strerror if isinstance(error, OSError) else error}",
            "Put private key and certificate there, as PEM.",
        )
        return
    until = certificate.not_valid_after_utc
    left = until - patient.clock()
    detail = f"valid until {until:%Y-%m-%d}"
    if left <= timedelta(0):
        yield Check(id_, title, FAIL, f"expired on {until:%Y-%m-%d}", "Register a new certificate.")
    elif left < CERTIFICATE_WARNING:
        yield Check(id_, title, WARN, f"{detail}: {counted(left.days, 'day')}", "Register a new one before that day.")
    else:
        yield Check(id_, title, PASS, detail)


def graph_checks(patient: Patient) -> Iterator[Check]:
    """Signs in, asks Graph one question, and judges the answer."""
    tenant = patient.settings.tenant
    absence = _absence_of_files(patient)
    visit = Visit(None, None, None) if absence else run_interruptibly(lambda: _visit(tenant, patient.clock))
    claims, answer, trouble = visit
    if claims is None:
        yield _broken("credential", "Sign-in", trouble, absence)
        yield from (Check(id_, title, NOT_CHECKED, "nobody could sign in") for id_, title in BEHIND_SIGN_IN)
        return
    yield Check("credential", "Sign-in", PASS, f"token for application {claims.app_id or 'unknown'}")
    yield _tenant_check(tenant, claims)
    yield from _permission_checks(patient, claims)
    yield _write_role_check(patient, claims)
    if answer is None:
        yield _broken("graph", "Microsoft Graph", trouble)
        yield from (Check(id_, title, NOT_CHECKED, "Graph did not answer") for id_, title in BEHIND_ANSWER)
        return
    yield _answer_check(answer)
    yield _simulation_check(tenant, answer)
    yield _clock_check(answer)


async def _visit(tenant: TenantSettings, clock: Callable[[], datetime]) -> Visit:
    claims = None
    try:
        async with asyncio.timeout(ANSWER_SECONDS), GraphClient(tenant, connections=1) as client:
            claims = claims_of(await client.token())
            before = clock()
            response = await client.get(client.url_of("v1.0", "/organization?$select=id"))
            middle = before + (clock() - before) / 2
    except StrongroomError as error:
        return Visit(claims, None, error)
    except TimeoutError:
        return Visit(claims, None, GraphUnreachableError(f"no answer within {ANSWER_SECONDS:.0f} s"))
    skew = _skew_of(response.headers.get("date"), middle)
    return Visit(claims, Answer(response.status, is_simulated(response.headers), skew), None)


def _absence_of_files(patient: Patient) -> str:
    """Names a file without which nobody can sign in, "" if all are there."""
    tenant = patient.settings.tenant
    named = (tenant.credential.certificate_file, tenant.credential.secret_file) if tenant.credential else ()
    return patient.absence_of(tenant.ca_bundle_file, *named)


def _broken(id_: str, title: str, trouble: StrongroomError | None, absence: str = "") -> Check:
    if trouble is None:
        return Check(id_, title, NOT_CHECKED, absence or "nothing was asked")
    return Check(id_, title, FAIL, trouble.message, trouble.next_step)


def _skew_of(date: str | None, here: datetime) -> float | None:
    there = http_date_of(date or "")
    return None if there is None else (there - here).total_seconds()


def _answer_check(answer: Answer) -> Check:
    id_, title = "graph", "Microsoft Graph"
    if answer.status == 200:
        return Check(id_, title, PASS, "answers")
    if answer.status == 403:
        return Check(id_, title, PASS, "answers; it refuses the organization, see the permissions")
    return Check(id_, title, FAIL, f"answers with HTTP {answer.status}", "Look at Microsoft's service health.")


def _tenant_check(tenant: TenantSettings, claims: TokenClaims) -> Check:
    id_, title = "tenant", "Tenant"
    named, given = tenant.id.lower(), (claims.tenant_id or "").lower()
    if "." not in named and given and named != given:
        return Check(
            id_,
            title,
            FAIL,
            f"the token is for {given}, tenant.id is {named}",
            "Correct tenant.id or the credential.",
        )
    return Check(id_, title, PASS, given or named)


def _simulation_check(tenant: TenantSettings, answer: Answer) -> Check:
    id_, title = "simulated", "Real or simulated tenant"
    if answer.simulated != tenant.simulated:
        what = "simulated" if answer.simulated else "not simulated"
        return Check(
            id_,
            title,
            FAIL,
            f"Graph's answers say that this tenant is {what}, and tenant.simulated says the reverse",
            "Set tenant.simulated to what this tenant is, or correct tenant.graph_url.",
        )
    if answer.simulated:
        return Check(
            id_,
            title,
            WARN,
            "this tenant is simulated; manifests and reports say so",
            "Nothing, if this is a trial.",
        )
    if tenant.graph_url or tenant.authority_url:
        return Check(
            id_,
            title,
            WARN,
            "tokens and records pass through the hosts that tenant.graph_url and tenant.authority_url name",
            "Remove the two settings, unless this is your own proxy or a private cloud.",
        )
    return Check(id_, title, PASS, f"a real tenant of the {tenant.cloud} cloud")


def _permission_checks(patient: Patient, claims: TokenClaims) -> Iterator[Check]:
    """One check if nothing is missing, else one for each missing permission, with the line that grants it."""
    export = patient.settings.export
    try:
        rows = chosen_rows(export, load_catalogue())
    except SettingsError:
        yield Check("permissions", "Permissions", NOT_CHECKED, "what is to be read is not known, see Settings")
        return
    by_changes = patient.settings.reads_by_changes
    missing = missing_of(rows, claims.roles, by_changes=by_changes)
    if not missing:
        needing = counted(len(rows), "collection needs", "collections need") + ", and pulses," * by_changes
        yield Check("permissions", "Permissions", PASS, f"all that {needing} are granted")
    must = {row.collection for row in rows if row.priority == "must"}
    required = must if export.require is None else set(export.require)
    client_id = claims.app_id or "CLIENT_ID"
    yield from (_missing_check(one, required, client_id) for one in missing)
    if missing:
        yield _consent_check(len(missing), client_id)


def _missing_check(missing: MissingPermission, required: set[str], client_id: str) -> Check:
    costs_required = any(cost.split(".")[0].split(" ")[0] in required for cost in missing.costs)
    (add, _), _ = grant_lines_of([missing.permission], client_id)
    lost = [f"a run has gaps in {', '.join(missing.costs)}"] if missing.costs else []
    return Check(
        f"permission.{missing.permission}",
        f"Permission {missing.permission}",
        FAIL if costs_required else WARN,
        "; ".join(["not granted", *lost, *filter(None, [missing.slows])]),
        add,
    )


def _consent_check(number: int, client_id: str) -> Check:
    """The line that one pastes once, after those of all missing permissions."""
    (_, consent), _ = grant_lines_of([], client_id)
    return Check(
        "consent",
        "Consent to the permissions above",
        WARN,
        f"{counted(number, 'permission')} to add and then to consent to, at once",
        consent,
    )


def _write_role_check(patient: Patient, claims: TokenClaims) -> Check:
    id_, title = "write-roles", "Nothing but reading"
    held = write_roles_of(claims)
    if not held:
        return Check(id_, title, PASS, "the application holds no permission and no directory role to write with")
    allowed = patient.settings.export.allow_write_roles
    return Check(
        id_,
        title,
        WARN if allowed else FAIL,
        f"the application may change the tenant: {', '.join(held)}",
        "Take these away from it; the archiver needs none of them.",
    )


def _clock_check(answer: Answer) -> Check:
    id_, title = "clock", "Clock"
    if answer.skew_seconds is None:
        return Check(id_, title, WARN, "Graph's answer has no Date to compare with", "Compare with another clock.")
    detail = f"{abs(answer.skew_seconds):.0f} s {'behind' if answer.skew_seconds > 0 else 'ahead of'} Graph's"
    if abs(answer.skew_seconds) > MOST_SKEW_SECONDS:
        return Check(
            id_,
            title,
            FAIL,
            detail,
            "Set this host's clock and keep it set (NTP): signatures state its time.",
        )
    return Check(id_, title, PASS, detail)
