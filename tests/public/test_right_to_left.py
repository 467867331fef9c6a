"""A page in a language that is read from the right, before anybody has translated one."""

from typing import Any

import pytest

from partners.ground import words
from tests.conftest import only_sqlite

pytestmark = [pytest.mark.browser, only_sqlite]


def test_a_page_from_the_right_keeps_its_shape(
    live: str, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(words.LANGUAGES, "ar", "العربية")
    page = browser.new_page()
    for wide in (390, 1280):
        page.set_viewport_size({"width": wide, "height": 900})
        for at in ("/", "/policy", "/sign-in"):
            page.goto(f"{live}{at}?lang=ar")
            assert page.locator("html").get_attribute("dir") == "rtl"
            assert page.evaluate("document.documentElement.scrollWidth") <= wide
            mark, edge = (page.locator(x).first.bounding_box() for x in (".bar__brand", "body"))
            assert mark["x"] + mark["width"] > edge["width"] * 0.5
    page.close()
