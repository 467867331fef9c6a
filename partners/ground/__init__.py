"""The ground: connections, clock, words, refusals and typed text. Everything stands on it; it
knows nobody.
"""
