"""Checks of keys: files that only their owner reads, a signer that is named, recipients that are proved."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from archiver.doctor.check import FAIL, NOT_CHECKED, PASS, WARN, Check
from archiver.doctor.patient import Patient
from archiver.vaulting import require_unrevoked
from vault.signing.signer import Signer
from verify.canary import check_canary
from verify.identity import HYBRID, recipient_of

_GROUP_OR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def key_file_checks(patient: Patient) -> Iterator[Check]:
    """One check for each secret file that the settings name."""
    settings = patient.settings
    credential = settings.tenant.credential
    named = {
        "keys.signer_file": settings.keys.signer_file,
        "keys.identity_file": settings.keys.identity_file,
        "tenant.credential.certificate_file": credential.certificate_file if credential else None,
        "tenant.credential.secret_file": credential.secret_file if credential else None,
    }
    for name, path in named.items():
        absence = patient.absence_of(path)
        if absence:
            yield Check(f"key-file.{name}", f"File of {name}", NOT_CHECKED, absence)
        elif path is not None:
            yield _key_file_check(name, path)


def _key_file_check(name: str, path: Path) -> Check:
    id_, title = f"key-file.{name}", f"File of {name}"
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    if mode & stat.S_IRWXO:
        return Check(id_, title, FAIL, f"{path} is open to every account (mode {mode:04o})", f"chmod 600 {path}")
    if mode & _GROUP_OR_OTHERS:
        return Check(id_, title, WARN, f"{path} is open to its group (mode {mode:04o})", f"chmod 600 {path}")
    if found.st_uid not in (os.geteuid(), 0):
        return Check(
            id_,
            title,
            WARN,
            f"{path} belongs to account {found.st_uid}",
            "Let the archiver's own account own it.",
        )
    if not os.access(path, os.R_OK):
        return Check(id_, title, FAIL, f"{path} can't be read by this account", f"chown or chmod {path}")
    return Check(id_, title, PASS, f"{path}, mode {mode:04o}")


def trust_root_checks(patient: Patient) -> Iterator[Check]:
    """The trust root proves itself, and the canaries beside it are those that it names."""
    absence = patient.absence_of(patient.settings.keys.trust_root_file)
    if absence:
        yield Check("trust-root", "Trust root", NOT_CHECKED, absence)
        return
    chain, files = patient.trust
    for trusted in chain.newest.recipients:
        check_canary(trusted, files.canaries[trusted.recipient.fingerprint])
    newest = chain.newest
    yield Check(
        "trust-root",
        "Trust root",
        PASS,
        f"number {newest.number} of archive {chain.archive_id}, fingerprint {newest.fingerprint}",
    )


def signer_checks(patient: Patient) -> Iterator[Check]:
    """The trust root names both keys of the signer."""
    id_, title = "signer", "Signer and trust root"
    path = patient.settings.keys.signer_file
    if path is None:
        yield Check(id_, title, FAIL, "keys.signer_file is not set", "Set it to the signer.json that init wrote.")
        return
    absence = patient.absence_of(path)
    if absence:
        yield Check(id_, title, NOT_CHECKED, absence)
        return
    signer, newest = Signer.load(path), patient.trust[0].newest
    strangers = []
    if signer.sealer.id not in newest.roles["sealer"].pairs:
        strangers.append("sealer")
    if signer.log.public_bytes != (newest.log.ed25519, newest.log.ml_dsa_44):
        strangers.append("log")
    if strangers:
        yield Check(
            id_,
            title,
            FAIL,
            f"the trust root does not name the {' and '.join(strangers)} key of {path}",
            "Use the signer.json and the trust root of the same archive; a run is refused until then.",
        )
        return
    require_unrevoked(patient.trust[0], signer, patient.log_size)
    yield Check(id_, title, PASS, f"the trust root names sealer {signer.sealer.id[:16]} and the log's key")


def recipient_checks(patient: Patient) -> Iterator[Check]:
    """Each recipient is named and proved; more than one needs a reason."""
    texts = patient.settings.keys.recipients
    if not texts:
        yield Check(
            "recipients",
            "Recipients",
            FAIL,
            "keys.recipients is empty",
            "Name the recipient of the vault identity.",
        )
        return
    yield _number_check(len(texts))
    head = patient.ledger.head
    proved = head.proved if head else ()
    named = {one.recipient.fingerprint for one in patient.trust[0].newest.recipients}
    for text in texts:
        recipient = recipient_of(text)
        id_, title = f"recipient.{recipient.fingerprint[:16]}", "Recipient named and proved"
        if recipient.fingerprint not in named:
            detail = f"the trust root does not name {recipient.fingerprint}"
            yield Check(id_, title, FAIL, detail, "Set keys.recipients to recipients that the trust root names.")
        elif recipient.fingerprint not in proved:
            yield Check(
                id_,
                title,
                FAIL,
                f"nobody has opened the canary of {recipient.fingerprint}; a run is refused",
                "Run `strongroom keys prove --identity FILE` with its identity.",
            )
        elif recipient.kind != HYBRID:
            yield Check(
                id_,
                title,
                WARN,
                f"{recipient.fingerprint} is classical (X25519): a quantum computer may open it one day",
                "Use a recipient that starts with age1pq1, unless something old must read the archive.",
            )
        else:
            yield Check(id_, title, PASS, f"{recipient.fingerprint}, post-quantum, canary opened")


def _number_check(number: int) -> Check:
    if number == 1:
        return Check("recipients", "Recipients", PASS, "one recipient opens the archive")
    return Check(
        "recipients",
        "Recipients",
        WARN,
        f"{number} recipients: each of them alone opens everything",
        "Keep one, unless there is a reason that each custodian of the others knows.",
    )
