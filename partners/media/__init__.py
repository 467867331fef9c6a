"""The reading list: published feeds, read while an assessment asks for it and not longer.

What a feed says is a suggestion in a file beside the database, destroyed with the end of the
reading; only what a person keeps is stored. The log of what was read is the organisation's to read.
"""
