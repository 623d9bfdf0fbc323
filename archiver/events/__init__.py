"""Events: the tenant's logs, read on from where the last run ended."""
