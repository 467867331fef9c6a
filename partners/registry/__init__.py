"""Organisations as they describe themselves; how they are found and brought in."""
