"""What can go wrong when an archive is read for people.

StrongroomError (verify.errors)
├── UnknownObjectError                  2   the snapshot has no such object
├── AmbiguousIdError                    2   an id that several contained objects bear
└── TargetFolderError                   4   files would be written over others
"""

from __future__ import annotations

from verify.errors import StrongroomError


class UnknownObjectError(StrongroomError):
    exit_status = 2
    default_next_step = "Check collection and id; `strongroom diff` and `export` show what there is."


class AmbiguousIdError(StrongroomError):
    exit_status = 2
    default_next_step = "Name the object as PARENT_ID/ID."


class TargetFolderError(StrongroomError):
    exit_status = 4
    default_next_step = "Name a folder that does not exist yet."
