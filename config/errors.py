"""What can be wrong with the settings.

StrongroomError                          1   (verify.errors)
├── SettingsError                       10   the file, a setting, or a file that a setting names
│   ├── SettingsNotFoundError           10   no settings file where one was looked for
│   ├── UnknownSettingError             10   a key that the model does not have
│   ├── UnsupportedSettingError         10   a setting of the contract that this version does not act on
│   └── ExposedSecretError              10   a key, secret or identity that every account of the host can read
├── RefusedError                         4   (verify.errors) settings that are well formed and unsafe
└── LockNotEnforcedError                21   (verify.errors) a store is asked for a lock that it can't enforce
"""

from __future__ import annotations

from typing import ClassVar

from verify.errors import StrongroomError


class SettingsError(StrongroomError):
    exit_status: ClassVar[int] = 10
    default_next_step: ClassVar[str] = "Correct the settings file; config/strongroom.example.toml shows every setting."


class SettingsNotFoundError(SettingsError):
    default_next_step = "Make one with `strongroom init DIR`, or name it with --config FILE or $STRONGROOM_CONFIG."


class UnknownSettingError(SettingsError):
    default_next_step = "Correct the name, or remove the line; config/strongroom.example.toml shows every setting."


class UnsupportedSettingError(SettingsError):
    default_next_step = "Remove the setting: it is refused because nothing in this version would act on it."


class ExposedSecretError(SettingsError):
    default_next_step = "Take the rights of others away with `chmod 600 FILE`."
