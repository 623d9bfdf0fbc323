"""The ledger: what this host has sealed and what it still has to put."""
