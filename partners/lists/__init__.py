"""Lists that the law names: read from their publishers' files, kept by version, looked up by name.

Only organisations are read from a list; people and ships on it are passed over. A name that is like
one on a list concludes nothing: the organisation is asked, and a person settles it.
"""
