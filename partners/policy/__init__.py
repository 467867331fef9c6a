"""What the municipality has decided, as `data/` says it: read, checked, and kept by edition.

An engagement is read by the edition it began with, for ever; a changed question never changes
a past result.
"""
