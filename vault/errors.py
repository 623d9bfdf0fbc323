"""What can go wrong while sealing and storing.

StrongroomError (verify.errors)
├── RefusedError                        4   (verify.errors) fail closed: sealing would be unsafe
│   ├── RecipientRefusedError               no recipient, or one that the trust root does not name
│   ├── ClockRefusedError                   this host's clock says what no signature and no retention can say
│   ├── CanaryUnprovedError                 nobody has shown that the recipient's identity opens anything
│   └── ForkRefusedError                    the local log is not the continuation of what was signed
├── SealMismatchError                   1   the re-opened bundle is not what was sealed
├── FullReadNeededError                 1   a full is to be sealed, and not everything was read; a run reads it then
├── SignerFileError                    10   the signer file can't be used
├── WorkerLostError                     1   a worker process was ended from outside
├── SpoolError                         23   this host's disk could not take what a run writes
│   └── CommitInterruptedError         23   the commit happened; what follows it could not be done yet
├── StoreError                         20
│   ├── StoreUnreachableError          20
│   ├── StoreBehindError               32   the store lacks what came before: new, emptied, rolled back, or another
│   ├── NameTakenError                 22   other bytes lie under that name
│   ├── DigestRefusedError             31   the store holds other bytes than were sent
│   └── StoreFullError                 23
└── LockNotEnforcedError               21   (verify.errors) the store can't enforce the lock asked for
"""

from __future__ import annotations

from typing import ClassVar

from verify.errors import RefusedError, StrongroomError


class RecipientRefusedError(RefusedError):
    default_next_step = "Set keys.recipients to recipients that the trust root names."


class ClockRefusedError(RefusedError):
    default_next_step = "Set the clock right, then run again; nothing was sealed."


class CanaryUnprovedError(RefusedError):
    default_next_step = (
        "Run `strongroom keys prove --identity FILE` with the identity; without proof that somebody can open "
        "it, an archive may be sealed for nobody."
    )


class ForkRefusedError(RefusedError):
    default_next_step = "Restore the whole state directory from one moment, or compare with a store's log first."


class SealMismatchError(StrongroomError):
    exit_status = 1
    default_next_step = "Nothing was stored. Check this host's memory and disk, then run again."


class FullReadNeededError(StrongroomError):
    default_next_step = "Run again with --full."


class SignerFileError(StrongroomError):
    exit_status = 10
    default_next_step = "Set keys.signer_file to the signer.json that `strongroom init` wrote."


class SpoolError(StrongroomError):
    exit_status = 23
    default_next_step = "Free space under archive.state_dir, then run again; nothing was stored."


class CommitInterruptedError(SpoolError):
    default_next_step = "Free space under archive.state_dir, then run again: the next run finishes this one first."


class WorkerLostError(StrongroomError):
    default_next_step = "Nothing was stored. Look for the kernel's out-of-memory messages, then run again."


class StoreError(StrongroomError):
    """A store did not do what was asked; the subclasses say what.

    `waits`: the same put may succeed later without anybody changing anything but the store's condition.
    """

    exit_status = 20
    waits: ClassVar[bool] = True


class StoreUnreachableError(StoreError):
    exit_status = 20
    default_next_step = (
        "Check that the store's folder or service is there and writable; the run's files wait in the outbox."
    )


class StoreBehindError(StoreError):
    exit_status = 32
    default_next_step = (
        "If the store is new, or its disk was exchanged: `strongroom mirror ANOTHER_STORE --to ITS_FOLDER` fills it, "
        "and the next run goes on. If not, find out first whether another disk is mounted, or who changed it."
    )


class NameTakenError(StoreError):
    waits = False
    exit_status = 22
    default_next_step = "Somebody else wrote there. Keep both files and find out who, before the next run."


class DigestRefusedError(StoreError):
    exit_status = 31
    default_next_step = "Check the store's disk and this host's memory; nothing was left under the name. Run again."


class StoreFullError(StoreError):
    exit_status = 23
    default_next_step = "Make room in the store; the run's files wait in the outbox and are put by the next run."
