"""The languages of the house, and the marking of sentences for translation."""

# As each calls itself; the first is that of the sentences in the code. See docs/languages.md.
LANGUAGES = {"en": "English", "da": "Dansk"}
RIGHT_TO_LEFT = ("ar", "he", "fa", "ur")


def N_(text: str) -> str:
    """Mark `text` for the catalogues; it is translated where it is shown."""
    return text
