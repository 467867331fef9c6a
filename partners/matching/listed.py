"""Names of organisations looked up among the names on lists: quickly, and with the reason.

Two names are alike for one of two reasons. Their words align: then the lowest of three views counts
(words weighed by how rare they are on the list, by whether every community uses them every day, and
all alike), so neither one rare word that two names share nor many everyday ones are enough. Or
their letters, in one run, are the same but for two. No view knows what kind of organisation it is.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log

from rapidfuzz.distance import OSA

from partners.matching.names import core_of, fold, word_table, words_of

ALIKE = 0.74
EVERYDAY = 0.25  # what an everyday word weighs beside a telling one
NUMBERS_DIFFER = 0.7  # "Branch 1" and "Branch 2"
FIRM = 8  # letters that a word needs to stand for a whole name with a slip in it
ACRONYM = 5  # a word shorter than this says nothing alone: many share it
RUN, LONG_RUN = 8, 11  # letters of a whole name in which one may differ, or two
# Of the words of either name, this share at least has its like in the other.
SHARE = ALIKE / (2 - ALIKE)

Aligned = tuple[list[tuple[str, str, float]], list[str], list[str]]


@dataclass(frozen=True)
class Found:
    """A listed name that is like the one looked up: whose it is, and how near (1 is equal)."""

    key: str
    name: str
    nearness: float


@dataclass(frozen=True)
class _Name:
    key: str
    written: str
    tokens: tuple[str, ...]
    joined: tuple[str, ...]
    letters: str


class Listed:
    """An index over names on lists, made of pairs: whose it is, and the name as written."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        read = ((key, one, tokens_of(one)) for key, one in names)
        self._names = [_Name(key, one, tuple(tokens), tuple(_joined(tokens)), letters_of(one))
                       for key, one, tokens in read if tokens]  # fmt: skip
        self._count = Counter(t for name in self._names for t in set(name.tokens))
        self._holders = defaultdict[str, list[int]](list)
        self._cuts = defaultdict[str, list[str]](list)
        self._pieces = defaultdict[tuple[int, int, str], list[int]](list)
        for number, name in enumerate(self._names):
            for token in {*name.tokens, *name.joined}:
                self._holders[token].append(number)
            for place, (start, end) in enumerate(_thirds(size := len(name.letters))):
                self._pieces[size, place, name.letters[start:end]].append(number)
        for token in self._holders:
            for cut in _cut(token):
                self._cuts[cut].append(token)

    def __len__(self) -> int:
        return len(self._names)

    def look_up(self, name: str, alike: float = ALIKE) -> list[Found]:
        """The listed names that are like `name`, nearest first, one for each whose it is."""
        words, letters = tokens_of(name), letters_of(name)
        best = dict[str, Found]()
        for number in self._by_words(words) | self._byletters_of(letters):
            listed = self._names[number]
            near = max(self._nearness(words, listed.tokens), as_run(letters, listed.letters))
            if near >= alike and (listed.key not in best or near > best[listed.key].nearness):
                best[listed.key] = Found(listed.key, listed.written, near)
        return sorted(best.values(), key=lambda found: (-found.nearness, found.name, found.key))

    def _by_words(self, words: Sequence[str]) -> set[int]:
        """Every name whose words can be alike: not all of the rarest words may lack in it."""
        near = [self._near(word) for word in {*words, *_joined(words)}]
        known = set[str]().union(*near)
        held = sorted(([self._holders[t] for t in tokens] for tokens in near), key=_size)
        lacking = int(len(words) * (1 - SHARE)) + 1 + max(0, len(near) - len(words))
        found = {number for some in held[:lacking] for numbers in some for number in numbers}
        return {number for number in found if self._promises(number, known, len(words))}

    def _near(self, word: str) -> list[str]:
        """The words on the list that are this one, or a slip away from it."""
        near = {token for cut in _cut(word) for token in self._cuts.get(cut, ())}
        return [token for token in near if closeness(word, token)]

    def _promises(self, number: int, known: set[str], size: int) -> bool:
        """Whether enough words of a name are known for it to be alike, not only everyday ones."""
        tokens = self._names[number].tokens
        if not known.isdisjoint(self._names[number].joined):
            return True
        hits = [token for token in tokens if token in known]
        if len(hits) < SHARE * len(tokens) or SHARE * size > len(tokens) + 1:
            return False
        return len(hits) == len(tokens) or not _everyday().issuperset(hits)

    def _byletters_of(self, letters: str) -> set[int]:
        """Every name with one of its thirds in these letters: two slips leave one third whole."""
        found = set[int]()
        for size in range(max(RUN, len(letters) - 2), len(letters) + 3):
            for place, (start, end) in enumerate(_thirds(size)):
                for at in range(max(0, start - 2), start + 3):
                    piece = size, place, letters[at : at + end - start]
                    found.update(self._pieces.get(piece, ()))
        return found

    def _rarity(self, token: str) -> float:
        return log(1 + (len(self._names) + 1) / (self._count.get(token, 0) + 1))

    def _nearness(self, words: Sequence[str], listed: Sequence[str]) -> float:
        pairs, own, their = aligned(words, listed)
        if not _says_something(pairs, own + their):
            return 0.0
        views = (self._rarity, _weight, _plain)
        lowest = min(_view(pairs, own + their, weigh) for weigh in views)
        return lowest * (NUMBERS_DIFFER if _numbers(own) and _numbers(their) else 1)


def tokens_of(name: str) -> list[str]:
    """The telling words of a name; single letters that stand together are one word."""
    tokens, alone = list[str](), False
    for word in core_of(words_of(name))[0]:
        if alone and len(word.token) == 1:
            tokens[-1] += word.token
        else:
            tokens.append(word.token)
        alone = len(word.token) == 1
    return tokens


def aligned(words: Sequence[str], listed: Sequence[str]) -> Aligned:
    """Words one to one with their closeness, equal ones first; and the rest of either name."""
    own = _mended(list(words), listed)
    their = _mended(list(listed), own)
    pairs = list[tuple[str, str, float]]()
    for word in tuple(own):
        if word in their:
            own.remove(word)
            their.remove(word)
            pairs.append((word, word, 1.0))
    near = [(-close, o, t) for o in own for t in their
            if abs(len(o) - len(t)) < 2 and (close := closeness(o, t))]  # fmt: skip
    for far, one, other in sorted(near):
        if one in own and other in their:
            own.remove(one)
            their.remove(other)
            pairs.append((one, other, -far))
    return pairs, own, their


def closeness(one: str, other: str) -> float:
    """1 for equal words, a little less where one letter differs, 0 for others."""
    if one == other:
        return 1.0
    if OSA.distance(one, other, score_cutoff=1) > 1 or not (_may_slip(one) and _may_slip(other)):
        return 0.0
    return 1 - 1 / max(len(one), len(other))


def _may_slip(token: str) -> bool:
    return len(token) > 3 and token.isalpha()


def _cut(token: str) -> Iterator[str]:
    """The word, and what is left of it without one letter; two words a slip apart share one."""
    yield token
    if _may_slip(token):
        yield from {token[:at] + token[at + 1 :] for at in range(len(token))}


def _joined(tokens: Sequence[str]) -> list[str]:
    return [one + other for one, other in pairwise(tokens)]


def _mended(tokens: list[str], others: Sequence[str]) -> list[str]:
    """Two words that the other name writes as one are taken as one."""
    for at, joined in enumerate(_joined(tokens)):
        if joined in others:
            return _mended([*tokens[:at], joined, *tokens[at + 2 :]], others)
    return tokens


def _size(holders: list[list[int]]) -> int:
    return sum(map(len, holders))


def letters_of(name: str) -> str:
    """All letters of a name in one run."""
    return fold(name).replace(" ", "")


def _thirds(size: int) -> list[tuple[int, int]]:
    third = size // 3
    return [(0, third), (third, 2 * third), (2 * third, size)] if size >= RUN else []


def as_run(one: str, other: str) -> float:
    """How near two names are as runs of letters; figures must be equal."""
    size = max(len(one), len(other))
    most = 2 if size >= LONG_RUN else 1
    slips = OSA.distance(one, other, score_cutoff=most) if size >= RUN else most + 1
    if slips > most or list(filter(str.isdigit, one)) != list(filter(str.isdigit, other)):
        return 0.0
    return 1 - slips / size


def _says_something(pairs: list[tuple[str, str, float]], lone: list[str]) -> bool:
    """Whether what agrees tells one organisation from another."""
    if len(pairs) == 1:
        _one, word, close = pairs[0]
        return len(word) >= (FIRM if close < 1 else ACRONYM) and not (lone and word in _everyday())
    return bool(pairs) and not (lone and all(other in _everyday() for _o, other, _c in pairs))


@cache
def _everyday() -> frozenset[str]:
    return word_table().everyday | word_table().common


def _weight(token: str) -> float:
    return EVERYDAY if token in _everyday() else 1.0


def _plain(_token: str) -> float:
    return 1.0


def _view(
    pairs: list[tuple[str, str, float]], lone: list[str], weigh: Callable[[str], float]
) -> float:
    weights = [(2 * weigh(other), close) for _one, other, close in pairs]
    agreed = sum(weight * close for weight, close in weights)
    return agreed / (sum(weight for weight, _close in weights) + sum(map(weigh, lone)))


def _numbers(tokens: list[str]) -> bool:
    return any(any(map(str.isdigit, token)) or not token.strip("ivx") for token in tokens)
