"""The examination of an archive host: every check by itself, and none stops the others."""
