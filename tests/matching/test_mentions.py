"""Names in running text: whole, as names are written, and never a piece of somebody else's."""

import pytest

from partners.matching.mentions import SHORT, WHOLE, Names, small_words

REGISTER = (
    "Harbour Kitchen;Harbour Kitchen Youth;Lanternen e.V.;Havnby Forening;Spirit;SPS;Grønne Øer;"
    "Friends of the Harbour;St Olav’s Parish;vuk"
).split(";")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("On Thursday Harbour Kitchen opened its doors.", ["Harbour Kitchen"]),
        ("HARBOUR KITCHEN: soup for all", ["Harbour Kitchen"]),
        ("Harbour kitchen gets a new stove", ["Harbour Kitchen"]),
        ("She thanked Harbour Kitchen’s cooks", ["Harbour Kitchen"]),
        ("the harbour kitchen of the old ferry", []),
        ("A kitchen by the harbour. Kitchen staff wanted", []),
        ("Harbour Kitchen Youth met", ["Harbour Kitchen Youth"]),
        ("Kitchen Harbour", []),
        ("Lanternen sang in the square", ["Lanternen e.V."]),
        ("Lanternen e.V. sang", ["Lanternen e.V."]),
        ("It rained in Havnby today", []),
        ("The dinner at Havnby Forening", ["Havnby Forening"]),
        ("The group Spirit played", ["Spirit"]),
        ("Holy Spirit College played", []),
        ("Der Verein SPS spielt", ["SPS"]),
        ("Sps and all that", []),
        ("Groenne Oeer", []),
        ("Gronne Oer and grønne øer", ["Grønne Øer"]),
        ("the Friends of the Harbour swam", ["Friends of the Harbour"]),
        ("friends of the harbour swam", []),
        ("St Olav's Parish rang the bells", ["St Olav’s Parish"]),
        ("the vuk is open", ["vuk"]),
        ("", []),
    ],
)
def test_a_name_is_seen_where_it_stands_as_a_name(text: str, named: list[str]) -> None:
    found = Names(enumerate(REGISTER)).within(text)
    assert [mention.name for mention in found] == named


def test_a_word_that_the_source_also_writes_small_is_no_name() -> None:
    texts = ["Spirit is what they had", "the spirit of the town", "Harbour Kitchen cooked",
             "the harbour and a kitchen"]  # fmt: skip
    small, names = small_words(texts), Names(enumerate(REGISTER))
    assert [m.name for text in texts for m in names.within(text, small)] == ["Harbour Kitchen"]


@pytest.mark.parametrize(
    ("texts", "named"),
    [
        (["the vuk said so", "a vuk of bread"], ["vuk", "vuk"]),
        (["the vuk said so", "Vuk is an ordinary word here"], []),
        (["seen on v-tv today"], ["v-tv"]),
        (["seen on v-tv today", "the V of TV"], []),
    ],
)
def test_a_name_written_small_is_a_name_where_the_source_never_writes_it_large(
    texts: list[str], named: list[str]
) -> None:
    small, names = small_words(texts), Names(enumerate(["vuk", "v-tv"]))
    assert [m.name for text in texts for m in names.within(text, small)] == named


def test_the_reason_and_the_place_are_told() -> None:
    names = Names([(7, "Lanternen e.V.")])
    whole, short = names.within("Lanternen e.V. sang. Then Lanternen slept.")
    assert (whole.of, whole.reason, whole.start, whole.end) == (7, WHOLE, 0, 13)
    assert (short.reason, short.start) == (SHORT, 26)
