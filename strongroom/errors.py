"""What can go wrong at the front door itself.

StrongroomError                         1   (verify.errors)
├── UsageError                          2   the command line is not one that this version understands
└── DeclinedError                     130   a person was asked whether to go on, and said no
"""

from __future__ import annotations

from verify.errors import StrongroomError


class UsageError(StrongroomError):
    exit_status = 2
    default_next_step = "Run `strongroom --help`."


class DeclinedError(StrongroomError):
    exit_status = 130
    default_next_step = "Nothing was done. Run it again and answer y, or give --yes."
