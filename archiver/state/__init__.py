"""The state folder of an archive host."""
