"""Trust roots: who may sign what, which recipients may be sealed to, and what a verdict must ask for.

FORMAT.md section 11. A chain starts at a fingerprint that did not come with the archive; every later root is
signed by the one before, every earlier one is named by the hash in the one after.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from verify.checkpoint import LogKeys, origin_of
from verify.dsse import (
    ED25519_PUBLIC_BYTES,
    ML_DSA_65_PUBLIC_BYTES,
    ROLES,
    PublicPair,
    Signers,
    envelope_of,
    verified_statement,
)
from verify.errors import DigestError, LogError, MalformedError, WrongArchiveError
from verify.identity import Recipient, recipient_of
from verify.strict_json import Members

ML_DSA_44_PUBLIC_BYTES = 1312
ROLE_NAMES = ("root", "sealer")
MAX_KEYS_PER_ROLE = 64


@dataclass(frozen=True)
class Role:
    """The pairs that hold a role, by id, and how many of them must sign."""

    threshold: int
    pairs: Mapping[str, PublicPair]


@dataclass(frozen=True)
class TrustedRecipient:
    """A recipient that may be sealed to from `not_before` on, and the canary that someone opened. Digests are hex."""

    recipient: Recipient
    canary_sha256: str
    content_sha256: str
    not_before: datetime


@dataclass(frozen=True)
class Policy:
    """What a verdict must ask for beyond the checks of its level; None, 0 and False ask for nothing."""

    witnesses: tuple[int, int] | None
    timestamps: int
    lock_observations: bool
    max_age_hours: int | None


@dataclass(frozen=True)
class Revocation:
    """A pair whose signatures count for nothing in log entries from `from_index` on."""

    pair_id: str
    from_index: int
    reason: str


@dataclass(frozen=True)
class TrustRoot:
    """One trust root, parsed and proved. `fingerprint` is hex SHA-256 of its file."""

    archive_id: str
    number: int
    previous: str | None
    created_at: datetime
    roles: Mapping[str, Role]
    log: LogKeys
    recipients: tuple[TrustedRecipient, ...]
    assure_recipients: tuple[str, ...]
    policy: Policy
    revocations: tuple[Revocation, ...]
    fingerprint: str

    @property
    def pairs(self) -> dict[str, PublicPair]:
        """All pairs of all roles, by id."""
        return {id_: pair for role in self.roles.values() for id_, pair in role.pairs.items()}

    def signers(self, role: str, known: Mapping[str, PublicPair]) -> Signers:
        """Returns who may sign for `role` under this root; failed signatures by any of `known` count as errors."""
        return Signers(known, frozenset(self.roles[role].pairs), self.roles[role].threshold)


@dataclass(frozen=True)
class RootChain:
    """All trust roots of an archive, from number 1, each proved. The last one is in force."""

    roots: tuple[TrustRoot, ...]

    @property
    def newest(self) -> TrustRoot:
        """The root in force."""
        return self.roots[-1]

    @property
    def archive_id(self) -> str:
        """The archive's id, 32 hex digits."""
        return self.newest.archive_id

    @property
    def recipients(self) -> dict[str, TrustedRecipient]:
        """Every recipient that any root names, by fingerprint; the newest root's word counts."""
        return {one.recipient.fingerprint: one for root in self.roots for one in root.recipients}

    def signers(self, type_: str, index: int) -> Signers:
        """Returns who may sign an entry of this type at this place of the log (F-SIG-3).

        A pair holds the role if the newest root gives it and no revocation reaches the entry, or if an earlier
        root gave it and the newest one revokes it from a later entry on.
        """
        role = ROLES[type_]
        newest = self.newest.roles[role]
        from_index = {one.pair_id: one.from_index for one in self.newest.revocations}
        once = {id_ for root in self.roots for id_ in root.roles[role].pairs}
        holders = {id_ for id_ in once if (index < from_index[id_] if id_ in from_index else id_ in newest.pairs)}
        known = {id_: pair for root in self.roots for id_, pair in root.pairs.items()}
        return Signers(known, frozenset(holders), newest.threshold)


def root_chain_of(unverified: Sequence[bytes], fingerprint: str, names: Sequence[str]) -> RootChain:
    """Proves a chain of trust root files, `root/1.root.json` first, from the root with this fingerprint.

    Raises:
        DigestError: no root has the fingerprint.
        WrongArchiveError: the roots are of several archives.
        SignatureError: F-ROOT-1.
        LogError: F-ROOT-2.
        MalformedError: F-ROOT-3, or a file is not a trust root.
    """
    roots: list[TrustRoot] = []
    for number, (content, name) in enumerate(zip(unverified, names, strict=True), 1):
        root = _proved(content, roots[-1] if roots else None, name)
        if root.number != number:
            raise LogError(f"{name}: says that it is trust root {root.number} (F-ROOT-2)")
        roots.append(root)
    if not any(root.fingerprint == fingerprint for root in roots):
        found = ", ".join(root.fingerprint for root in roots) or "none"
        raise DigestError(
            f"no trust root here has the fingerprint {fingerprint} that was given; found: {found}",
            next_step="Compare with the fingerprint that you wrote down: it is mistyped, or this is another archive.",
        )
    return RootChain(tuple(roots))


def _proved(unverified: bytes, before: TrustRoot | None, name: str) -> TrustRoot:
    """Parses one root; its signers stand in itself, so it is parsed first and believed only if they signed."""
    envelope = envelope_of(unverified, name)
    if envelope.type != "root":
        raise MalformedError(f"{name}: a statement of type {envelope.type!r}, not a trust root")
    claimed = verified_statement(unverified, envelope, (), before.archive_id if before else None, name)
    root = _root_of(claimed.members, claimed.sha256)
    if root.previous != (before.fingerprint if before else None):
        raise LogError(f"{name}: does not name the trust root before it (F-ROOT-2)")
    known = {**(before.pairs if before else {}), **root.pairs}
    signers = [one.signers("root", known) for one in (before, root) if one is not None]
    verified_statement(unverified, envelope, signers, root.archive_id, name)
    return root


def _root_of(members: Members, fingerprint: str) -> TrustRoot:
    archive_id = members.hex("archive_id", 16)
    log = members.members("log")
    keys = LogKeys(
        log.text("origin"),
        log.base64("ed25519", ED25519_PUBLIC_BYTES),
        log.base64("ml_dsa_44", ML_DSA_44_PUBLIC_BYTES),
    )
    if keys.origin != origin_of(archive_id):
        raise WrongArchiveError(f"{members.what}: the log's origin is not that of archive {archive_id}")
    roles = {name: _role_of(members.members("roles").members(name)) for name in ROLE_NAMES}
    _check_separation(roles, keys, members)
    assure = members.texts("assure_recipients")
    for text in assure:
        _recipient_in(members, text)
    return TrustRoot(
        archive_id=archive_id,
        number=members.integer("number", 1),
        previous=None if members.is_null("previous") else members.hex("previous", 32),
        created_at=members.time("created_at"),
        roles=roles,
        log=keys,
        recipients=tuple(_recipient_of(one) for one in members.items("recipients")),
        assure_recipients=assure,
        policy=_policy_of(members.members("policy")),
        revocations=tuple(
            Revocation(one.hex("key", 32), one.integer("from_index"), one.text("reason"))
            for one in members.items("revocations")
        ),
        fingerprint=fingerprint,
    )


def _role_of(members: Members) -> Role:
    pairs = [
        PublicPair(one.base64("ed25519", ED25519_PUBLIC_BYTES), one.base64("ml_dsa_65", ML_DSA_65_PUBLIC_BYTES))
        for one in members.items("keys")
    ]
    if not 0 < len(pairs) <= MAX_KEYS_PER_ROLE or len({pair.ed25519 for pair in pairs}) != len(pairs):
        raise members.malformed("keys", f"1 to {MAX_KEYS_PER_ROLE} different keys (F-ROOT-3)")
    return Role(members.integer("threshold", 1), {pair.id: pair for pair in pairs})


def _check_separation(roles: Mapping[str, Role], log: LogKeys, members: Members) -> None:
    """F-ROOT-3: a stolen key must not be worth two roles, nor two signers of one."""
    used = [pair.ed25519 for role in roles.values() for pair in role.pairs.values()] + [log.ed25519]
    if len(set(used)) != len(used):
        raise MalformedError(f"{members.what}: one Ed25519 key stands twice (F-ROOT-3)")


def _recipient_in(members: Members, text: str) -> Recipient:
    try:
        return recipient_of(text)
    except MalformedError as error:
        raise MalformedError(f"{members.what}: {error.message}") from error


def _recipient_of(members: Members) -> TrustedRecipient:
    return TrustedRecipient(
        _recipient_in(members, members.text("recipient")),
        members.hex("canary_sha256", 32),
        members.hex("content_sha256", 32),
        members.time("not_before"),
    )


def _policy_of(members: Members) -> Policy:
    witnesses = None
    if not members.is_null("witnesses"):
        asked = members.members("witnesses")
        witnesses = (asked.integer("k", 1), asked.integer("of", 1))
    return Policy(
        witnesses,
        members.integer("timestamps"),
        members.boolean("lock_observations"),
        None if members.is_null("max_age_hours") else members.integer("max_age_hours", 1),
    )
