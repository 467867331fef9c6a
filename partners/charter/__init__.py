"""The value charter: the same text for everyone, the municipality first, and out again with one
press.
"""
