"""A file signed elsewhere: only exactly ours, with one whole signature of a service that we know,
and only when somebody has compared whom it names.
"""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter

from partners.ground import clock
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.mail.models import Mail
from partners.mou.models import Paper
from partners.paper import blocks as b
from partners.paper.press import printed
from partners.signing import elsewhere
from partners.signing.elsewhere import ROOTS, checked
from partners.signing.files import kept
from partners.signing.models import Ceremony
from partners.signing.pades import Trouble, told
from partners.signing.queries import handed_in, signatures_on
from partners.uploads.queries import held_elsewhere
from tests.builders import House
from tests.mou import papers
from tests.page import Page
from tests.signing.elsewhere import DAY, Service
from tests.signing.walking import PASSWORD, to_check, with_password

NOW = clock.now()
SOON = NOW + timedelta(minutes=1)
OURS = printed([b.Masthead("Memorandum"), b.Para("The hall, every Friday.")], title="Memorandum",
               language="en", reference="M-1")  # fmt: skip
OTHER = printed([b.Masthead("Memorandum"), b.Para("The hall, every Monday.")], title="Memorandum",
                language="en", reference="M-1")  # fmt: skip


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(NOW)


@pytest.fixture
def instance(tmp_path: Path, service: Service) -> Path:
    service.trusted_in(tmp_path / ROOTS)
    return tmp_path


def look(content: bytes, instance: Path, *, issued_at: datetime = NOW - DAY) -> dict[str, str]:
    return checked(content, OURS, issued_at, instance, at=SOON)


def changed_first(content: bytes) -> bytes:
    """Another text over ours, in the way that adds to a file."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT (Other) Tj ET"))
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def remarked(content: bytes) -> bytes:
    """A note of somebody on the first page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    note = {"/Type": generic.pdf_name("/Annot"), "/Subtype": generic.pdf_name("/Text"),
            "/Rect": generic.ArrayObject(map(generic.NumberObject, (9, 9, 30, 30))),
            "/Contents": generic.TextStringObject("and Mondays")}  # fmt: skip
    made = generic.DictionaryObject({generic.pdf_name(k): v for k, v in note.items()})
    page["/Annots"] = generic.ArrayObject([writer.add_object(made)])
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_signature_of_a_service_that_we_know_says_who_and_what_is_not_known(
    service: Service, instance: Path
) -> None:
    person = service.person("Grethe Lind", ORGANIZATION_NAME="Harbour Kitchen")
    said = look(service.signed(OURS, person), instance)
    assert (said["subject"], said["issuer"]) == ("Grethe Lind, Harbour Kitchen", service.called)
    assert (said["stamped_by"], said["revocation"]) == ("", "unknown")
    service.trusted_in(instance / ROOTS, service.person()[0])
    assert look(service.signed(OURS, person), instance)["revocation"] == "known"


def test_a_visible_stamp_and_long_term_information_are_no_change(
    service: Service, instance: Path
) -> None:
    assert look(service.signed(OURS, box=(50, 50, 250, 120)), instance)
    assert look(service.lasting(OURS), instance)["stamped_by"] == "Fjord Clock"


def test_a_certificate_that_ran_out_counts_where_a_trusted_stamp_shows_that_it_was_in_time(
    service: Service, instance: Path
) -> None:
    short = service.person(since=NOW - 2 * DAY, days=1)
    said = look(service.signed(OURS, short, stamped=NOW - 1.5 * DAY), instance,
                issued_at=NOW - 3 * DAY)  # fmt: skip
    assert said["signed_at"].startswith(f"{NOW - 1.5 * DAY:%Y-%m-%d}")


def test_numbers_of_persons_in_a_certificate_are_not_written_down(
    service: Service, instance: Path
) -> None:
    person = service.person("LIND,GRETHE,480-010 1000", SERIAL_NUMBER="PNOEE-48001010000")
    assert look(service.signed(OURS, person), instance)["subject"] == "LIND,GRETHE,…"


WRONG: dict[str, tuple[Callable[[Service], bytes], str]] = {
    "not signed": (lambda _s: OURS, "unsigned"),
    "another document": (lambda s: s.signed(OTHER), "other"),
    "ours hidden before another": (lambda s: s.signed(OURS).replace(b"/Prev", b"/Xrev"), "other"),
    "a changed letter": (lambda s: s.signed(OURS).replace(b"/Title", b"/TitlE", 1), "other"),
    "another text, then signed": (lambda s: s.signed(changed_first(OURS)), "more"),
    "a note before signing": (lambda s: s.signed(remarked(OURS)), "more"),
    "a note after signing": (lambda s: remarked(s.signed(OURS)), "more"),
    "a text after signing": (lambda s: changed_first(s.signed(OURS)), "more"),
    "a stamp over the page": (lambda s: s.signed(OURS, box=(0, 0, 595, 842)), "more"),
    "two signatures": (lambda s: s.signed(s.signed(OURS), field_name="Second"), "several"),
    "another kind": (lambda s: s.signed(OURS, kind=SigSeedSubFilter.ADOBE_PKCS7_DETACHED), "kind"),
    "a name changed in it": (
        lambda s: s.signed(OURS).replace(b"(Service)", b"(Servicf)"), "broken"),
    "a root nobody knows": (lambda _s: Service(NOW).signed(OURS), "stranger"),
    "run out, and stamped by a clock that nobody knows": (
        lambda s: s.signed(OURS, s.person(since=NOW - 9 * DAY, days=2), stamped=NOW - 8 * DAY,
                           clock_of=Service(NOW)), "expired"),
    "run out": (lambda s: s.signed(OURS, s.person(since=NOW - 9 * DAY, days=2)), "expired"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_not_exactly_ours_with_one_known_signature_does_not_count(
    service: Service, instance: Path, what: str
) -> None:
    make, trouble = WRONG[what]
    with pytest.raises(Trouble) as found:
        told(make(service), OURS, instance / ROOTS, SOON)
    assert found.value.told["trouble"] == trouble
    assert trouble in elsewhere.TROUBLES


REFUSED: list[tuple[Callable[[Service], bytes], str]] = [
    (lambda s: s.signed(OURS, at=NOW - 2 * DAY), "outside the time"),
    (lambda s: s.signed(OURS, at=NOW + 2 * DAY), "outside the time"),
    (lambda s: s.signed(OURS)[:-600], "could not be read"),
    (lambda s: s.signed(OURS) + b"\0" * 5000 + b"%%EOF", "could not be read"),
    (lambda _s: OURS + b"/ByteRange [0 1 2 3] " * 999, "could not be read"),
    (lambda s: s.signed(OURS, s.person(since=NOW - 9 * DAY, days=2)), "ran out on"),
]


@pytest.mark.parametrize(("make", "said"), REFUSED)
def test_what_does_not_count_is_refused_in_words_that_say_how_to_mend_it(
    service: Service, instance: Path, make: Callable[[Service], bytes], said: str
) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        look(make(service), instance)
    assert refused.value.field == "file"


def test_a_certificate_that_was_taken_back_is_refused(service: Service, instance: Path) -> None:
    person = service.person()
    service.trusted_in(instance / ROOTS, person[0])
    with pytest.raises(Trouble, match="revoked"):
        told(service.signed(OURS, person), OURS, instance / ROOTS, SOON)


def test_a_file_that_takes_too_long_is_given_up(
    service: Service, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "SECONDS", 0.01)
    with pytest.raises(Refusal, match="could not be read"):
        look(service.signed(OURS), instance)


# Through the pages


def at_the_service(house: House, *, lowest: str = "") -> tuple[Paper, Page, Service, bytes]:
    """Grethe before the page on which she hands in, and the file as she downloads it there."""
    paper = papers.issued(house)
    with_password(house, "grethe")
    here = Service(NOW)
    here.trusted_in(house.app.config["SETTINGS"].instance / ROOTS)
    page = to_check(Page(house.client("grethe")), f"/papers/{paper.public_id}/sign")
    page.click("Go on to the last page").click("Sign the file there, and hand it in")
    file = page.client.get(page.links()["Download the file as it was issued (PDF)"]).data
    assert file == kept(papers.files(house), paper.fingerprint)
    return paper, page, here, file


def hand_in(page: Page, content: bytes, status: int = 302) -> Page:
    return page.send({"file": (io.BytesIO(content), "signed.pdf"), "statement": "y",
                      "password": PASSWORD}, press="Hand it in", status=status)  # fmt: skip


def test_what_was_signed_elsewhere_counts_once_somebody_has_compared_whom_it_names(
    house: House,
) -> None:
    paper, page, service, file = at_the_service(house)
    content = service.signed(file, service.person("Grethe Lind"))
    hand_in(page, content).follow()
    assert page.heading == "Your signed file waits to be compared"
    assert "Go on to signing" not in page.links()
    assert signatures_on(paper.id) == []
    signer, team = Page(house.client("grethe")), Page(house.client("maja"))
    assert "Read and sign the paper" not in signer.get("/our/to-do").text
    assert "Compare whom your file for" in signer.text
    assert "Compare whom a file signed elsewhere names" in team.get("/today").text
    (held,) = handed_in(paper.about)
    copy = held.said["elsewhere"]["evidence"]["copy"]
    assert held_elsewhere([copy]) == {copy}
    assert "compared" in [*db.session.query(Mail).order_by(Mail.id)][-1].subject
    staff = Page(house.client("maja")).get(f"/papers/{paper.public_id}")
    assert "Grethe Lind" in staff.text
    assert "Not known: no list of the service was at hand" in staff.text
    assert staff.client.get(staff.links()["The file with the signature"]).data == content
    staff.send({"same": "yes"}, press="Write down what we found", status=302)
    (made,) = signatures_on(paper.id)
    assert (made.method, made.side, made.text_hash) == ("elsewhere", "partner", paper.fingerprint)
    assert made.evidence["compared_by"] == "Maja Lund"
    assert db.session.query(Ceremony).count() == 0
    assert held_elsewhere([copy]) == {copy}
    receipt = page.get(f"/papers/{paper.public_id}/receipt")
    assert "Elsewhere: the file bears the signature of another service" in receipt.text
    assert "With account" not in receipt.text
    assert receipt.client.get(receipt.links()["The file with the signature"]).data == content
    papers.sign(house, paper, "karin", at=NOW)
    assert paper.in_force_at


def test_a_file_that_names_somebody_else_is_sent_back_with_the_reason(house: House) -> None:
    paper, page, service, file = at_the_service(house)
    hand_in(page, service.signed(file, service.person("Yusuf Demir")))
    staff = Page(house.client("maja")).get(f"/papers/{paper.public_id}")
    staff.send({"same": "no"}, press="Write down what we found", status=422)
    staff.send(
        {"same": "no", "why": "It names Yusuf."}, press="Write down what we found", status=302
    )
    assert signatures_on(paper.id) == []
    page.get(f"/papers/{paper.public_id}")
    assert "It names Yusuf." in page.text
    assert "Go on to signing" in page.links()
    assert "Read and sign the paper" in page.get("/our/to-do").text
    assert "Compare" not in staff.get("/today").text


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "This file is empty"), (b"GIF89a", "without opening and saving it"),
     (b"%PDF-1.7\nnothing\n%%EOF", "not the file that was issued"),
     (b"\x89PNG\r\n\x1a\n", "without opening and saving it")],
)  # fmt: skip
def test_what_is_no_file_of_ours_is_refused_beside_its_field_and_nothing_waits(
    house: House, content: bytes, said: str
) -> None:
    paper, page, _service, _file = at_the_service(house)
    hand_in(page, content, status=422)
    assert re.search(said, page.troubles[0])
    assert not handed_in(paper.about)


def test_nobody_compares_their_own_file_and_only_the_case_team_does(house: House) -> None:
    paper, page, service, file = at_the_service(house)
    hand_in(page, service.signed(file))
    for who in ("grethe", "karin"):
        read = Page(house.client(who)).get(f"/papers/{paper.public_id}").text
        assert "is it the person named here" not in read
