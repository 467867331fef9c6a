"""The writing aid: what may not be kept is found, ordinary work goes on, no text is slow."""

import tomllib
from pathlib import Path

import pytest

from partners.wording.rules import BrokenRules, hints, read, refusals

DATA = Path(__file__).parents[2] / "data" / "wording"
TEXTS = {file.name: file.read_text("utf-8") for file in sorted(DATA.glob("*.toml"))}
RULES = read(TEXTS)

ORDINARY = """\
CVR 12345678, founded in 1987, phone 12 34 56 78.
Call us on +45 20 12 34 56 or 0045 20123456 after 4 pm.
Tel. 0701234567 or mobile 070-123 45 67.
Meeting on 2026-11-20 at 10:15; next one on 01.02.2027.
Invoice no. 2012345678 of 20 November was paid.
Faktura 1012345678 er betalt.
Account 1234 0101901234, reference 77.
The company number is SC123456 and the charity number 1234567.
Postcode 2100 København Ø, Anna Hansen is the contact.
Order 4500123456 is due on 1 March.
DK50 0040 0440 1162 43 is the account for the grant.
ORCID 0000-0002-1825-0097 is not needed here.
Photos are at https://havnby.example/events/1012345678/pictures.
The organisation number is 556036-0793.
Grant of 250,000 for 2026-2027, paid in 4 parts.
Room 1204, seats 3010 in all, built 1912-1914.
The criminal justice board invited three associations.
The chair told us about the football team.
The imam and the pastor opened the neighbourhood day together.
The imam spoke at our evening on preventing violent extremism.
The pastor and the rabbi held a workshop against extremism and hatred.
Her department pays for courses on preventing radicalisation.
The priest condemned all forms of violent extremism in the newspaper.
The chair declared that criminal record certificates are in place for all leaders.
She runs the visiting service for mentally ill people.
He coordinates mentoring for convicted young people's families.
Our sister organisation works with people convicted of small crimes.
The chair suspects that the roof leaks.
The chair is the treasurer's deputy until May.
They are a Christian youth organisation with 200 members.
They are a Muslim women's association in the harbour district.
They are religious communities of different size.
The chair says that the association is not religious.
The Jewish congregation hosts the open day in June.
The contact person is the treasurer of Harbour Kitchen.
The contact person is Christian Holm, phone 12 34 56 78.
The treasurer is new and asks for the form again.
The Catholic parish lends us a hall on Tuesdays.
Mr Holm is away until 3 May.
She is very busy in May and prefers a call.
They were late with the report because the auditor was ill.
The club is open to everyone, whatever their belief.
We agreed that the municipality pays for the bus.
The board asked for more time to answer the second point.
The Socialist Youth Choir sings on 1 May.
Northside Chess Club has 120 members, of whom 45 are under 18.
Two people from Harbour Kitchen took part in the meeting.
Foreningen holder møde den 3. maj kl. 19 i kulturhuset.
Formanden og kassereren kommer til dialogmødet.
The school's anti-bullying plan names the deputy head.
A group of young people want a place to meet after 9 pm.
Imamen og præsten holdt et møde mod voldelig ekstremisme.
Han forebygger, at unge bliver radikaliseret.
Hun holdt foredrag om radikalisering og ekstremisme på skolen.
Formanden har indhentet straffeattester på alle ledere.
Formanden mistænker, at brevet er gået tabt.
Hun er dommer og har dømt finalen i skak.
Han er tiltalt i brevet som formand.
Formanden sympatiserer med forslaget om længere åbningstid.
Kassereren er konservativ i sit skøn over indtægterne.
Hun leder et værested for mennesker, der tidligere er straffet.
Hun har arbejdet med unge, der er dømt for vold.
Hans projekt er for psykisk syge og hjemløse.
Hun siger, at debatten var ekstremistisk, og at de tog afstand.
Formanden sagde, at sagen blev kriminel ved kasserens fejl i 1999.
Hun er formand for en muslimsk kvindeforening.
Formanden siger, at foreningen ikke er religiøs.
Kassereren siger, at det er en kristen spejdergruppe.
Formanden er Kristen Holm, telefon 12 34 56 78.
Kontaktpersonen er kasserer i foreningen.
Hun er meget optaget i maj og vil hellere ringes op.
De er en kristen ungdomsorganisation med 200 medlemmer.
Menigheden er katolsk og holder åbent hus i juni.
Han er sikker på, at vi bliver færdige.
Hr. Holm er væk til 3. maj.
Is your sister city still interested in the exchange about terrorism memorials?
""".splitlines()


@pytest.mark.parametrize("sentence", ORDINARY)
def test_an_ordinary_sentence_about_an_organisation_is_kept(sentence):
    assert refusals(sentence, RULES) == []


NUMBERS = [
    "010190-1234", "0101901234", "010190 1234", "010190 - 1234", "311299/4321",
    "０１０１９０-１２３４", "010190\xa01234", "010190\u20091234", "010190–1234", "010190−1234",
    "0101\u200b90\u200d-12\ufeff34", "01\xad0190-1234", "٠١٠١٩٠-١٢٣٤",
    "19900101-1234", "900101-1234", "131052-308T", "010190 12345", "AB123456C",
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_a_civil_registration_number_is_found_where_it_stands(number):
    text = f"Ａ guest – “{number}” – was here"
    (found,) = refusals(text, RULES)
    assert not found.stop
    assert refusals(text.replace(number, ""), RULES) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "the chair's nephew is radicalised",
        "The chair’s brother is a\u200b terro\u200brist",
        "Imam X is suspected of sympathising",
        "The imam was accused of extremism",
        "He was convicted of terrorism",
        "The chair has a criminal record",
        "She says it is about his radicalised nephew",
        "He spoke about extremism and is himself an extremist",
        "The contact person is Muslim",
        "she is very religious",
        "The chair of the association is gay",
        "Formandens nevø er vist ved at blive radikaliseret",
        "Imamen er mistænkt for at støtte terror",
        "Hun blev anklaget for ekstremisme i avisen",
        "Kassereren er tidligere straffet",
        "Hans bror er en kendt højreekstremist",
        "Præstens søn har siddet i fængsel",
        "Han sympatiserer med de voldelige salafister",
        "Kontaktpersonens datter er psykisk syg",
        "hans søn er radika\u200bliseret",
        "Kontaktpersonen er muslim",
        "Formanden er praktiserende katolik",
        "hun er meget religiøs",
        "Vores kontakt i foreningen er homoseksuel",
    ],
)
def test_what_is_about_a_person_stops_the_writer_and_says_where_it_belongs(sentence):
    found = refusals(sentence, RULES)
    assert found
    for one in found:
        assert one.stop
        assert one.hint
        assert "<" not in one.better


def test_a_refusal_never_repeats_the_words_it_found():
    (found,) = refusals("born 010190-1234", RULES)
    assert "1234" not in found.hint + found.better


def test_the_refusals_of_the_data_are_read_in_every_language():
    ids = {rule.id for rule in RULES if not rule.advises}
    assert ids == {"G-1", "G-2", "G-3", "G-2da", "G-3da"}


def test_every_example_of_the_data_is_found_and_every_counterexample_is_not():
    rows = {row["id"]: row for text in TEXTS.values() for row in tomllib.loads(text)["rule"]}
    for rule in RULES:
        found = hints if rule.advises else refusals
        assert all(rule in found(sentence, RULES) for sentence in rows[rule.id]["hits"])
        assert not any(rule in found(sentence, RULES) for sentence in rows[rule.id]["ok"])


def test_advice_never_refuses_and_a_refusal_is_no_advice():
    sentence = "We vetted the hostile board; the chair's nephew is radicalised"
    advice, refused = hints(sentence, RULES), refusals(sentence, RULES)
    assert {r.id for r in advice} == {"B-1", "H-2"}
    assert {r.id for r in refused} == {"G-2"}


GOOD = """
[[rule]]
id = "X-1"
lang = "en"
category = "c"
pattern = 'bad'
hint = "h"
better = "b"
source = "s"
hits = ["bad"]
ok = ["good"]
"""


@pytest.mark.parametrize(
    ("before", "after", "mend"),
    [
        ('hint = "h"', "", "write `hint`"),
        ("pattern = 'bad'", "", "write `pattern`"),
        ("pattern = 'bad'", "pattern = 'bad('", "cannot be read"),
        ("pattern = 'bad'", "pattern = '(?:ba)+d'", "largest number"),
        ("pattern = 'bad'", "pattern = 'ba.*d'", "largest number"),
        ("pattern = 'bad'", r"pattern = 'bad|\w+\w+x'", "largest number"),
        ("pattern = 'bad'", "pattern = 'other'", "'bad' must be found"),
        ('ok = ["good"]', 'ok = ["not bad"]', "'not bad' must not be found"),
        ('lang = "en"', 'lang = "en"\naction = "shout"', "refuse_confirm"),
        ('lang = "en"', 'lang = "en"\nhnt = "x"', "`hnt` is not known"),
        ("[[rule]]", "[[rule", "not valid TOML"),
        ("[[rule]]", GOOD + "[[rule]]", "used twice"),
    ],
)
def test_a_broken_file_is_refused_and_says_how_to_mend_it(before, after, mend):
    with pytest.raises(BrokenRules) as refused:
        read({"en.toml": GOOD.replace(before, after, 1)})
    assert mend in str(refused.value)


def test_the_data_is_plain_toml_with_one_language_for_each_file():
    for name, text in TEXTS.items():
        languages = {row["lang"] for row in tomllib.loads(text)["rule"]}
        assert languages <= {name.removesuffix(".toml"), "any"}
