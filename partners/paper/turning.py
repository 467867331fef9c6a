"""Text that runs from the right, in the order of the eye."""

import unicodedata

from bidi import get_display

BRACKETS = "()[]{}«»‹›"
PAIRS = dict(zip(BRACKETS[::2], BRACKETS[1::2], strict=True))
OTHER = {a: b for pair in PAIRS.items() for a, b in (pair, pair[::-1])}
# Stand-ins with a direction of their own: symbols of Arabic, and a private corner for the others.
FROM_RIGHT = {sign: chr(0xFBB2 + at) for at, sign in enumerate(BRACKETS)}
FROM_LEFT = {sign: chr(0xF8D0 + at) for at, sign in enumerate(BRACKETS)}
BACK = str.maketrans(
    {stand: OTHER[sign] for sign, stand in FROM_RIGHT.items()}
    | {stand: sign for sign, stand in FROM_LEFT.items()}
)


def turned(text: str, base: str) -> str:
    """One line in the order of the eye; `base` is "L" or "R". Brackets look as they are read.

    Because the library orders letters and leaves the shape of brackets alone, each pair gets its
    direction here first (UAX #9, N0), and those that run from the right are drawn mirrored.
    """
    return str(get_display(_directed(text, base), base_dir=base)).translate(BACK)


def _directed(text: str, base: str) -> str:
    signs, open_ones = list(text), list[int]()
    for at, sign in enumerate(text):
        if sign in PAIRS:
            open_ones.append(at)
        elif open_ones and PAIRS[text[open_ones[-1]]] == sign:
            start = open_ones.pop()
            way = _way(text[:start], text[start + 1 : at], base)
            stand = FROM_RIGHT if way == "R" else FROM_LEFT
            signs[start], signs[at] = stand[text[start]], stand[sign]
    return "".join(signs)


def _way(before: str, inside: str, base: str) -> str:
    """The direction of a pair: its paragraph's, unless all inside and what precedes disagree."""
    held = {way for sign in inside if (way := _strong(sign))}
    if base in held or not held:
        return base
    earlier = next((way for sign in reversed(before) if (way := _strong(sign))), base)
    return earlier


def _strong(sign: str) -> str:
    kind = unicodedata.bidirectional(sign)
    return "L" if kind == "L" else "R" if kind in ("R", "AL", "EN", "AN") else ""
