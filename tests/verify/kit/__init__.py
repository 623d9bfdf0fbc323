"""The forge kit: makes small archives straight from FORMAT.md, sound or with exactly one fault.

It shares no code with the writer and none with the reader, so that a misreading of the specification
shows as a disagreement. Only the standard library, cryptography and zstandard are imported. Keys, ids and
times are fixed; encryption and ML-DSA signatures stay random, so that two forgeries differ in their bytes
and never in their meaning.
"""
