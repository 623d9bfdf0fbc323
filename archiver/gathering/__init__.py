"""Reads a tenant into a sink of records."""
