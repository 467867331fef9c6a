"""No composed page needs sideways scrolling in a window of 320 pixels."""

import pytest
from flask.sessions import SecureCookieSessionInterface

from partners.accounts.actions import open_session
from partners.ground import clock
from partners.ground.db import db
from tests.builders import House
from tests.conftest import only_sqlite
from tests.portal.conftest import below, told
from tests.portal.test_file import PAGES

OPEN = ("/", "/policy", "/about/privacy", "/about/accessibility", "/about/complaints")
VISITS = {"": OPEN, "nadia": PAGES, "maja": ("/today", "/engagements")}


@only_sqlite
@pytest.mark.browser
def test_no_page_scrolls_sideways_at_320_pixels(house: House, live: str, browser) -> None:
    case = told(house)
    below(house, organisation=case.organisation)
    house.partner("nadia", case.organisation)
    cookies = {who: _cookie(house, who) for who in VISITS if who}
    db.session.remove()
    wide = []
    for who, addresses in VISITS.items():
        window = browser.new_context(viewport={"width": 320, "height": 800})
        if who:
            window.add_cookies([{"name": "partners", "value": cookies[who], "url": live}])
        page = window.new_page()
        for address in addresses:
            assert page.goto(live + address).status == 200
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(address)
        window.close()
    assert wide == []


def _cookie(house: House, who: str) -> str:
    secret = open_session(house.account(who), at=clock.now())
    db.session.commit()
    signer = SecureCookieSessionInterface().get_signing_serializer(house.app)
    return signer.dumps({"_user_id": secret, "_fresh": True})
