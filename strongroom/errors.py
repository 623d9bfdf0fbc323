"""What can go wrong at the front door itself.

StrongroomError                         1   (verify.errors, with UsageError for every word that names nothing)
├── WorkingFolderError                  2   the folder in which the command was called is gone
└── DeclinedError                     130   a person was asked whether to go on, and said no
"""

from __future__ import annotations

from verify.errors import StrongroomError


class WorkingFolderError(StrongroomError):
    exit_status = 2
    default_next_step = "Change into a folder that exists (`cd`), and run it again."


class DeclinedError(StrongroomError):
    exit_status = 130
    default_next_step = "Nothing was done. Run it again and answer y, or give --yes."
