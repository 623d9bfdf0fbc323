"""Vectors: one archive each, with one fault (or none), and the verdict that the reader owes it."""
