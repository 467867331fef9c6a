"""Why two names are alike, in words: which of them align, and what differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from partners.ground.words import N_
from partners.matching.listed import ALIKE, aligned, as_run, letters_of, tokens_of
from partners.matching.names import Difference, core_of, forms_differ, surface, words_of


@dataclass(frozen=True)
class Likeness:
    """Why two names are alike: the words that agree, as written in each, and what differs."""

    same: tuple[tuple[str, str], ...]
    differences: tuple[Difference, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it; the sentences are gettext ids."""
        told = [[d.sentence, d.facts] for d in self.differences]
        return {"same": [list(pair) for pair in self.same], "differences": told}


def explain(name: str, other: str) -> Likeness:
    """Which words of two names align, as they are written in each, and what differs."""
    (own, own_forms), (their, their_forms) = core_of(words_of(name)), core_of(words_of(other))
    words = tokens_of(name)
    pairs, lone, listed = aligned(words, tokens_of(other))
    pairs.sort(key=lambda pair: words.index(pair[0]) if pair[0] in words else 0)
    says = {word.token: word.written for word in (*their, *own)}
    there = {word.token: word.written for word in (*own, *their)}
    told = [(says.get(o, o), there.get(t, t)) for o, t, _close in pairs]
    # Most lists are in capital letters, which says nothing.
    equal = [(p.casefold(), q.casefold()) for (p, q), (o, t, _) in zip(told, pairs, strict=True)
             if o == t]  # fmt: skip
    found = _script(name, other) or list(surface(equal))
    if not pairs or (lone and listed and as_run(letters_of(name), letters_of(other)) >= ALIKE):
        found.append(Difference(N_("one or two letters in the whole name"), {}))
    sentence = N_("one letter: “%(one)s” and “%(other)s”")
    found += [Difference(sentence, {"one": says.get(o, o), "other": there.get(t, t)})
              for o, t, _close in pairs if o != t]  # fmt: skip
    if _out_of_order(pairs, words, tokens_of(other)):
        found.append(Difference(N_("the order of the words"), {}))
    sentence = N_("only the name that was looked up has “%(one)s”")
    found += [Difference(sentence, {"one": says.get(word, word)}) for word in lone]
    sentence = N_("only the name on the list has “%(one)s”")
    found += [Difference(sentence, {"one": there.get(word, word)}) for word in listed]
    return Likeness(tuple(dict.fromkeys(told)), (*found, *forms_differ(own_forms, their_forms)))


def _script(name: str, other: str) -> list[Difference]:
    """Another alphabet, which says more than that letters are special."""
    foreign = [not _is_latin(one) for one in (name, other)]
    return [Difference(N_("the alphabet: one was written over into the other"), {})
            ] if foreign[0] != foreign[1] else []  # fmt: skip


def _is_latin(name: str) -> bool:
    letters = [letter for letter in name if letter.isalpha()]
    return sum(ord(letter) < 0x250 for letter in letters) * 2 >= len(letters)


def _out_of_order(
    pairs: Sequence[tuple[str, str, float]], words: list[str], listed: list[str]
) -> bool:
    places = sorted((words.index(one), listed.index(other)) for one, other, _close in pairs
                    if one in words and other in listed)  # fmt: skip
    return [other for _one, other in places] != sorted(other for _one, other in places)
