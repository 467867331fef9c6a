"""Marking of sentences for translation where no request is at hand."""


def N_(text: str) -> str:
    """Mark `text` for the catalogues; it is translated where it is shown."""
    return text
