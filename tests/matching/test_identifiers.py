"""Identifiers: every register's way of writing is understood, a wrong figure is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.ground.refusals import Refusal
from partners.matching.identifiers import check_identifier, schemes, split_identifier


@pytest.mark.parametrize("scheme", schemes().values(), ids=lambda one: one.id)
def test_every_example_of_the_table_is_a_number_of_its_scheme(scheme):
    assert check_identifier(scheme.id, scheme.example) == scheme.example
    assert check_identifier(scheme.id, f" {scheme.id}-{scheme.example} ") == scheme.example
    assert split_identifier(f"{scheme.id}-{scheme.example}") == (scheme.id, scheme.example)


@pytest.mark.parametrize(
    ("scheme", "written", "number"),
    [
        ("DK-CVR", "12 34 56 07", "12345607"),
        ("DK-CVR", "DK12345607", "12345607"),
        ("DK-CVR", "dk-cvr-12345607", "12345607"),
        ("GB-COH", "8591698", "08591698"),
        ("GB-COH", "ni612345", "NI612345"),
        ("GB-COH", "IP12345R", "IP12345R"),
        ("GB-COH", "R0001234", "R0001234"),
        ("GB-SC", "012345", "SC012345"),
        ("GB-NIC", "NIC 106288", "106288"),
        ("GB-NIC", "NI106288", "106288"),
        ("SE-ORG", "999999-0006", "9999990006"),
        ("NO-ORG", "999 999 018", "999999018"),
        ("FI-YT", "9999990-9", "99999909"),
        ("LEI", "0000havnbykitchen188", "0000HAVNBYKITCHEN188"),
        ("ROR", "https://ror.org/00003EF66", "00003ef66"),
        ("GB-NIEDU", "106-1234", "106-1234"),
        ("GB-EDU", "100082", "100082"),
        ("XX-OWN", "a1", "A1"),
    ],
)
def test_a_number_is_kept_as_its_register_writes_it(scheme, written, number):
    assert check_identifier(scheme, written) == number


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        ("DK-CVR", "12345608"),
        ("DK-CVR", "1234560"),
        ("DK-CVR", ""),
        ("DK-CVR", "１２３４５６０７"),
        ("DK-CVR", "010190-1234"),
        ("GB-CHC", "12345678"),
        ("GB-COH", "ABC12345"),
        ("SE-ORG", "999999-0007"),
        ("SE-ORG", "640823-3234"),
        ("NO-ORG", "999999019"),
        ("LEI", "0000HAVNBYKITCHEN189"),
        ("ROR", "1003ef66"),
        ("DE-CR", "HRA"),
        ("Register", "12"),
        ("XX-OWN", ""),
        ("XX-OWN", "<b>"),
        ("XX-OWN", "1" * 1_000_000),
        ("XX-OWN", "1\x00"),
    ],
)
def test_a_number_that_its_register_would_not_give_is_asked_back(scheme, written):
    with pytest.raises(Refusal) as refused:
        check_identifier(scheme, written)
    assert len(str(refused.value)) < 400


def test_a_person_is_no_organisation_in_sweden():
    with pytest.raises(Refusal, match="organisationsnummer"):
        check_identifier("SE-ORG", "640823-3234")


@pytest.mark.parametrize("written", ["", "12345607", "CVR 12345607", "gb-chc"])
def test_a_number_without_its_register_is_asked_back(written):
    with pytest.raises(Refusal):
        split_identifier(written)


@given(st.sampled_from([*schemes(), "XX-OWN"]), st.text(max_size=30))
def test_a_checked_number_passes_again_unchanged(scheme, written):
    try:
        number = check_identifier(scheme, written)
    except Refusal:
        return
    assert check_identifier(scheme, number) == number
