"""What this host signs: statements, checkpoints, and the log that they make."""
