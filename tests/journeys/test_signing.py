"""Signing with a key of one's own, which openssl alone checks, and in a service elsewhere.

With account and on paper are walked in test_main and test_life.
"""

import base64
import json
import subprocess
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from partners.ground import clock
from partners.ground.db import db
from partners.signing.elsewhere import ROOTS
from partners.signing.queries import signatures_on
from partners.signing.rules import TAG
from tests.builders import House
from tests.conftest import only_sqlite
from tests.journeys.test_every_page import looked_at
from tests.journeys.test_main import go_to_the_last_page
from tests.journeys.walk import Walker
from tests.mou.papers import issued, sign
from tests.mou.test_two_sign import two
from tests.signing.elsewhere import Service
from tests.signing.walking import PASSWORD, with_password

pytestmark = pytest.mark.browser
STICK = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": False,
         "hasUserVerification": False, "automaticPresenceSimulation": True}  # fmt: skip


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


@only_sqlite
def test_one_signs_with_a_key_that_openssl_checks_alone_and_the_other_elsewhere(
    browser, live: str, house: House, tmp_path: Path
) -> None:
    paper = issued(house)
    with_password(house, "grethe", "karin")
    address = f"/papers/{paper.public_id}"
    db.session.rollback()
    walker = Walker(browser, live.replace("127.0.0.1", "localhost"), house, "grethe", width=390)
    stick = walker.context.new_cdp_session(walker.page)
    stick.send("WebAuthn.enable")
    stick.send("WebAuthn.addVirtualAuthenticator", {"options": STICK})

    walker.open("/me").fill("What do you call it?", "harbour stick")
    walker.page.locator("#password-key").fill(PASSWORD)
    with walker.page.expect_navigation():
        walker.page.get_by_role("button", name="Add a key").click()
    assert "harbour stick" in walker.settled().text

    walker.open(address)
    go_to_the_last_page(walker).page.locator("input[name=name]").fill("grethe")
    walker.page.locator("input[name=statement]").check()
    walker.page.locator("input[name=password]").fill(PASSWORD)
    with walker.page.expect_navigation():
        walker.page.get_by_role("button", name="Sign with my own key").click()
    assert "receipt" in walker.settled().heading
    walker.open("/me").press("Remove")
    assert "harbour stick" not in walker.text

    (one,) = signatures_on(paper.id)
    proof = one.evidence["key"]
    client = raw(proof["clientDataJSON"])
    said = TAG + bytes.fromhex(paper.fingerprint) + sha256(one.statement.encode()).digest()
    said += bytes.fromhex(one.evidence["nonce"])
    assert (one.method, json.loads(client)["type"]) == ("key", "webauthn.get")
    assert raw(json.loads(client)["challenge"]) == sha256(said).digest()
    (tmp_path / "key.pem").write_text(proof["public_key"])
    (tmp_path / "signature").write_bytes(raw(proof["signature"]))
    (tmp_path / "signed").write_bytes(raw(proof["authenticatorData"]) + sha256(client).digest())
    check = "openssl dgst -sha256 -verify key.pem -signature signature signed"
    checked = subprocess.run(check.split(), cwd=tmp_path, capture_output=True, check=True)
    assert checked.stdout == b"Verified OK\n"
    (tmp_path / "signed").write_bytes(raw(proof["authenticatorData"]) + sha256(b"x").digest())
    assert subprocess.run(check.split(), cwd=tmp_path, capture_output=True).returncode != 0

    # The other side signs its download in a service elsewhere; a colleague compares whom it names.
    service, name = Service(clock.now()), house.account("karin").name
    service.trusted_in(house.app.config["SETTINGS"].instance / ROOTS)
    db.session.rollback()
    karin = Walker(browser, live, house, "karin").open(address)
    go_to_the_last_page(karin).click("Sign the file there, and hand it in")
    link = karin.page.get_by_role("link", name="Download the file as it was issued (PDF)")
    issued_file = karin.context.request.get(live + (link.get_attribute("href") or "")).body()
    signed = service.signed(issued_file, service.person(name), at=clock.now())
    karin.page.get_by_label("The file with your signature").set_input_files(
        {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": signed}
    )
    karin.page.locator("input[name=statement]").check()
    karin.page.locator("input[name=password]").fill(PASSWORD)
    faults = looked_at(karin.page)
    assert karin.press("Hand it in").heading == "Your signed file waits to be compared"
    faults += looked_at(karin.page)
    maja = Walker(browser, live, house, "maja").open(address)
    assert faults + looked_at(maja.page) == []
    maja.page.locator("[name=same][value=yes]").check()
    assert maja.press("Write down what we found").heading.startswith("In force since")


@only_sqlite
def test_pages_to_sign_fit_and_read_well_where_two_sign_together_too_late_or_no_longer(
    browser, live: str, house: House
) -> None:
    paper = issued(house, two(house))
    paper.texts = {**paper.texts, "sign_by": (clock.today() + timedelta(days=1)).isoformat()}
    sign(house, paper, "grethe")
    db.session.commit()
    address = f"/papers/{paper.public_id}"
    yusuf = Walker(browser, live, house, "yusuf")
    faults = looked_at(yusuf.open(address).page)
    assert "Grethe" in yusuf.open(f"{address}/sign/start").text
    faults += looked_at(yusuf.page)
    for office in paper.organisation.offices:
        office.until = clock.today() - timedelta(days=1)
    db.session.commit()
    assert "the right to sign has ended" in yusuf.open(address).text
    faults += looked_at(yusuf.page)
    paper.texts = {**paper.texts, "sign_by": (clock.today() - timedelta(days=1)).isoformat()}
    db.session.commit()
    assert "The last day to sign was" in yusuf.open(address).text
    assert faults + looked_at(yusuf.page) == []
