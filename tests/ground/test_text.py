"""Typed text: what is mended, what is asked back, and that the answer is always the same."""

import contextlib
import unicodedata
from datetime import date

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from partners.ground.refusals import Refusal
from partners.ground.text import (
    clean_text,
    csv_safe,
    read_date,
    read_email,
    read_money,
    read_page,
    read_url,
    read_whole,
    safe_filename,
)

ODD = (
    "a\u0301\u030a\u0323Åe\u200b\u200c\u200d\u200e\ufeff\xad \xa0\u3000\n\r\t\u2028"
    "\u0645\u06ccक्ष\ufe0f\u2800\u1100\u1161"
)
ANY_TEXT = st.text(max_size=60) | st.text(alphabet=ODD, max_size=30)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("", ""),
        ("   \t ", ""),
        ("\u200b\ufeff\xad\u2800\u3164", ""),
        ("  Harbour   Kitchen ", "Harbour Kitchen"),
        ("Cafe\u0301", "Café"),
        ("Cafe\u200b\u0301", "Café"),
        ("Harbour\xa0Kitchen", "Harbour Kitchen"),
        ("Har\xadbour", "Harbour"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("می\u200c\u200c\u200dخواهم", "می\u200cخواهم"),
        ("Har\u200dbour", "Harbour"),
        ("क्\u200dष", "क्\u200dष"),
        ("\ufeffname", "name"),
        ("name\r\n", "name"),
    ],
)
def test_one_visible_line_is_one_stored_line(raw, kept):
    assert clean_text(raw, limit=100) == kept


def test_lines_keep_their_breaks_and_lose_their_carriage_returns():
    assert clean_text("one \r\ntwo\rthree\u2028four\n\n", limit=99, lines=True) == (
        "one\ntwo\nthree\nfour"
    )


@pytest.mark.parametrize(
    ("raw", "mend"),
    [
        ("ab\x00c", "U+0000 after “ab”"),
        ("ab\ud800c", "U+D800"),
        ("\x1b[31m", "U+001B"),
        ("a\x85b", "U+0085"),
        ("a\uffffb", "U+FFFF"),
        ("paid \u202eevil", "U+202E after “paid ”"),
        ("\u2066x\u2069", "U+2066"),
        ("no\u202eorder\x01", "U+0001 after “noorder”"),
        ("one\ntwo", "one line"),
        ("one\ttwo", "one line"),
        ("x" * 101, "101 characters, and at most 100 fit"),
        ("x" * 1_000_000, "1000000 characters, and at most 100 fit"),
        ("e" + "\u0301\u0323" * 40, "piled"),
    ],
)
def test_what_hides_or_breaks_text_is_refused_with_a_mend(raw, mend):
    with pytest.raises(Refusal) as refused:
        clean_text(raw, limit=100)
    assert mend in str(refused.value)
    str(refused.value).encode()


def test_a_text_of_the_limit_is_kept_also_when_it_came_in_pieces():
    assert clean_text("e\u0301" * 100, limit=100) == "é" * 100


@pytest.mark.parametrize(
    "piece", ["a", " ", "\u200c", "\u200bx", "\u0301\u0323", " \n", "\r", "\u202f", "م\u200c"]
)
def test_of_a_megabyte_of_anything_only_what_fits_is_normalised(piece, monkeypatch):
    """Normalising is what could take long: it never sees more than four times the limit."""
    seen, normalize = [], unicodedata.normalize
    monkeypatch.setattr(
        unicodedata, "normalize", lambda form, raw: seen.append(len(raw)) or normalize(form, raw)
    )
    with contextlib.suppress(Refusal):
        clean_text(piece * (1_000_000 // len(piece)), limit=20_000, lines=True)
    assert max(seen, default=0) <= 80_000


@given(ANY_TEXT, st.booleans())
def test_cleaned_text_is_clean(raw, lines):
    try:
        text = clean_text(raw, limit=50, lines=lines)
    except Refusal:
        return
    assert clean_text(text, limit=50, lines=lines) == text
    assert unicodedata.is_normalized("NFC", text)
    bad = {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cs")}
    assert bad <= ({"\n"} if lines else set())
    assert text == text.strip()
    text.encode()


@pytest.mark.parametrize(
    ("raw", "language", "amount"),
    [
        ("1000", "en", "1000.00"),
        ("1,000.50", "en", "1000.50"),
        ("1.000,50", "da", "1000.50"),
        ("1.000", "da", "1000.00"),
        ("1,000", "en", "1000.00"),
        ("1,5", "da", "1.50"),
        ("1.5", "en", "1.50"),
        (" 1 000 000 ", "da", "1000000.00"),
        ("1\xa0000,50", "da", "1000.50"),
        ("1\u202f000,50", "fr", "1000.50"),
        ("0", "en", "0.00"),
        ("999999999999.99", "en", "999999999999.99"),
    ],
)
def test_the_language_decides_how_an_amount_is_read(raw, language, amount):
    assert str(read_money(raw, language=language)) == amount


@pytest.mark.parametrize(
    ("raw", "language", "mend"),
    [
        ("1.000", "en", "can mean 1.00 or 1,000.00"),
        ("1,000", "da", "can mean 1,00 or 1.000,00"),
        ("1.000,50", "en", "means 1,000.50"),
        ("1,000.50", "da", "means 1.000,50"),
        ("1.50", "da", "means 1,50"),
        ("1,50", "en", "means 1.50"),
        ("1.2345", "en", "at most two decimals"),
        ("-1", "en", "below zero"),
        ("NaN", "en", "in digits"),
        ("Infinity", "en", "in digits"),
        ("1e5", "en", "in digits"),
        ("１２", "en", "in digits"),
        ("", "en", "in digits"),
        ("12 34", "en", "in digits"),
        ("1,00,000", "en", "in digits"),
        ("1" + "0" * 12, "en", "12 digits"),
        (str(10**30), "en", "12 digits"),
        ("1" * 1_000_000, "en", "Shorten"),
        ("kr 100", "da", "1.250,50"),
    ],
)
def test_an_amount_that_is_unclear_is_asked_back(raw, language, mend):
    with pytest.raises(Refusal) as refused:
        read_money(raw, language=language)
    assert mend in str(refused.value)


AMOUNTS = st.decimals(min_value=0, max_value=10**12 - 1, places=2)


@given(AMOUNTS, st.sampled_from(["en", "da", "fr"]))
def test_an_amount_that_we_print_is_read_as_the_same_amount(amount, language):
    printed = format_decimal(amount, "#,##0.00", language)
    assert read_money(printed, language=language) == amount


@pytest.mark.parametrize(
    ("parts", "mend"),
    [
        (("29", "2", "2027"), "no day 29 in month 2 of 2027"),
        (("31", "4", "2026"), "no day 31"),
        (("0", "1", "2026"), "no day 0"),
        (("1", "13", "2026"), "month 13"),
        (("1", "1", "0"), "from 1900 to 2199"),
        (("1", "1", "26"), "four digits"),
        (("1", "1", "9999"), "from 1900 to 2199"),
        (("", "1", "2026"), "in digits"),
        (("１", "1", "2026"), "in digits"),
        (("1", "-1", "2026"), "in digits"),
        (("1" * 1_000_000, "1", "2026"), "in digits"),
    ],
)
def test_a_day_that_is_not_there_is_refused(parts, mend):
    with pytest.raises(Refusal) as refused:
        read_date(*parts)
    assert mend in str(refused.value)


def test_a_leap_day_is_a_day():
    assert read_date(" 29", "02", "2028 ") == date(2028, 2, 29)


@pytest.mark.parametrize("raw", ["", "x", "1.0", "1e1", "-1", "10", str(10**30), "１", "²"])
def test_a_whole_number_outside_its_bounds_is_refused(raw):
    with pytest.raises(Refusal, match="from 0 to 9"):
        read_whole(raw, 0, 9)


def test_a_whole_number_within_its_bounds_is_read():
    assert (read_whole(" 9 ", 0, 9), read_whole("-3", -5, 5)) == (9, -3)


@pytest.mark.parametrize(
    ("raw", "page"),
    [
        (None, 1),
        ("", 1),
        ("-1", 1),
        ("0", 1),
        ("7", 7),
        ("abc", 1),
        ("²", 1),
        ("1.5", 1),
        (str(10**30), 50),
        ("9" * 1_000_000, 50),
    ],
)
def test_a_page_number_never_refuses(raw, page):
    assert read_page(raw, cap=50) == page


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("https://Harbour.Example/Path?q=1#x", "https://harbour.example/Path?q=1#x"),
        ("HTTP://example.org:8080/", "http://example.org:8080/"),
        ("www.example.org", "https://www.example.org"),
        ("example.org/a:b", "https://example.org/a:b"),
        ("https://blåbær.example/ø", "https://blåbær.example/ø"),
    ],
)
def test_a_web_address_is_kept(raw, kept):
    assert read_url(raw) == kept
    assert read_url(kept) == kept


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "example",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org",
        "https://",
        "https:///path",
        "//example.org",
        "https://user:pw@example.org",
        "https://user@example.org",
        "https://exa mple.org",
        "https://example.org\\@evil.example",
        "https://example.org:99999",
        "https://[::1",
        "https://a..b",
        "https://-a.example",
        "https://example.org/\x00",
        "https://example.org/<script>",
        "https://" + "a" * 70 + ".example",
        "x" * 3000,
        "mailto:a@example.org",
    ],
)
def test_other_addresses_are_refused(raw):
    with pytest.raises(Refusal):
        read_url(raw)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (" Ann.Lee+x@Example.ORG ", "Ann.Lee+x@example.org"),
        ("o'n@blåbær.example", "o'n@blåbær.example"),
    ],
)
def test_a_mail_address_is_kept(raw, kept):
    assert read_email(raw) == kept


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "ann",
        "ann@",
        "@example.org",
        "ann@example",
        "a b@example.org",
        "a@b@example.org",
        "Ann <ann@example.org>",
        "ann@example.org\nBcc: x@example.org",
        ".ann@example.org",
        "ann..lee@example.org",
        "ann@exa_mple..org",
        "a" * 65 + "@example.org",
        "ann@example.org,b@c.d",
    ],
)
def test_other_mail_addresses_are_refused(raw):
    with pytest.raises(Refusal):
        read_email(raw)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("statutes.pdf", "statutes.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\My statutes.pdf", "My statutes.pdf"),
        ("", "file"),
        ("..", "file"),
        ("a/\x00", "file"),
        (".htaccess", "htaccess"),
        ("inv\u202efdp.exe", "invfdp.exe"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("\ud800x.pdf", "x.pdf"),
        ("x" * 500 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_file_is_shown_by_its_own_name_only(raw, shown):
    assert safe_filename(raw) == shown


@given(st.text(max_size=80))
def test_a_file_name_never_holds_a_path(raw):
    name = safe_filename(raw)
    assert name == name.strip() != ""
    assert not set(name) & set("/\\\0\n")
    assert safe_filename(name)


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+45 12 34 56 78", "'+45 12 34 56 78"),
        ("@x", "'@x"),
        ("-x", "'-x"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("－1+1", "'－1+1"),
        (" =1", "' =1"),
        ("\u200b=1", "'\u200b=1"),
        ("-1+1", "'-1+1"),
        ("-12.50", "-12.50"),
        ("-1.000,50", "-1.000,50"),
        ("", ""),
        ("plain", "plain"),
        ("a=b", "a=b"),
        ("12", "12"),
    ],
)
def test_no_cell_starts_a_formula(cell, safe):
    assert csv_safe(cell) == safe


READERS = [
    lambda raw: read_money(raw, language="en"),
    lambda raw: read_money(raw, language="da"),
    lambda raw: read_date(raw, raw, raw),
    lambda raw: read_whole(raw, 1, 9),
    read_url,
    read_email,
    read_page,
    safe_filename,
    csv_safe,
]
HARD = [
    "\ud800",
    "https://\ud800.example",
    "https://xn--",
    "https://[",
    "a@[1]",
    "٣",
    "1e400",
    "%s",
    "https://a.example:x/",
    "https://" + "a." * 900,
    "\u202e1",
    "https://ａ。example/",
]


@pytest.mark.parametrize("read", READERS)
@given(raw=st.text(max_size=60) | st.sampled_from(HARD) | st.text("h:/.@[]1-, \ud800", max_size=20))
def test_whatever_is_typed_is_read_or_refused_in_words(read, raw):
    try:
        read(raw)
    except Refusal as refusal:
        str(refusal).encode()


def test_an_unclear_amount_is_shown_in_both_readings():
    with pytest.raises(Refusal) as refused:
        read_money("1.000", language="en")
    assert refused.value.facts == {"raw": "1.000", "one": "1.00", "other": "1,000.00"}
