"""What can go wrong on the operator's side of a rehearsal.

StrongroomError                          1
└── RehearsalError                       1   the root of this package's tree
    ├── FaultPlanError                   2   a fault plan that can't be read
    ├── ScriptError                      2   an attack, churn or drift request that names nothing that exists
    ├── FolderInUseError                 4   another simulated tenant runs with its files in the folder
    └── SimulatorStartError             13   the simulated tenant's process did not answer

Refusals that the simulated service gives to its clients (`graph.refusal.Refusal`) are answers and not errors of
ours, so they are not in the tree.
"""

from __future__ import annotations

from verify.errors import StrongroomError


class RehearsalError(StrongroomError):
    default_next_step = "Read the message; the simulated tenant's README lists what it serves."


class FaultPlanError(RehearsalError):
    exit_status = 2
    default_next_step = "Write the plan as `429:0.02,reset:0.01,seed=7`, or as JSON with `rates` and `rules`."


class ScriptError(RehearsalError):
    exit_status = 2
    default_next_step = "Compare the operation with the list in recovery/rehearsal/README.md."


class FolderInUseError(RehearsalError):
    exit_status = 4
    default_next_step = "Stop that one first, or name another folder with --dir."


class SimulatorStartError(RehearsalError):
    exit_status = 13
    default_next_step = "Start it by hand with `python -m recovery.rehearsal --help` and read what it prints."
