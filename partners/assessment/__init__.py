"""Engagements: what is asked, answered, found, replied, decided, told, and due again.

The rules in `rules/` find what is missing and what that means; they never decide.
"""
