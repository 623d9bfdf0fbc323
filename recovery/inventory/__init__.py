"""The inventory of what Graph never returns: which secrets and keys a snapshot proves to exist, and what to do."""
