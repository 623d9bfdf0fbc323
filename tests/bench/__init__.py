"""The bench: Strongroom beside restic, borg and `tar | zstd | age`, on one tenant, in one run."""
