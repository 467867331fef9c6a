"""The page edge: the door, one transaction a request, forms that lose nothing, and how refusals
are shown.
"""
