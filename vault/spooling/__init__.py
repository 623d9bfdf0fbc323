"""The spool: where records wait, encrypted, until a run has read everything."""
