"""The print shop: the only room that knows reportlab, typefaces and tags.

Blocks go in (`blocks.py`), a tagged PDF comes out (`press.printed`); the same blocks print the same
bytes for ever. Papers are written in `data/documents` (`documents.py`) and filled with facts
(`filling.py`); facts are plain text all the way and never markup.
"""
