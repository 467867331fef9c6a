"""A person in front of a real browser: finds things by what is written on them."""

from typing import Any

from tests.builders import House


class Walker:
    """One signed-in person. Every page that is reached must answer, and fit its window."""

    def __init__(self, browser: Any, base: str, house: House, who: str | None, width: int = 1280,
                 *, scripts: bool = True):  # fmt: skip
        self.base, self.width = base, width
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        if who:
            cookie = house.client(who).get_cookie("partners")
            assert cookie is not None
            self.context.add_cookies([{"name": "partners", "value": cookie.value, "url": base}])
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda e: self.troubles.append(str(e)))
        self.page.on("response", lambda r: r.status >= 500 and self.troubles.append(f"{r.url} 500"))

    def open(self, path: str) -> "Walker":
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status == 200, f"{path} answered {answer.status}"
        return self.settled()

    def settled(self) -> "Walker":
        self.page.wait_for_load_state("load")
        assert not self.troubles, self.troubles
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{self.page.url} is {wide} wide"
        return self

    def press(self, text: str) -> "Walker":
        """Press a button, and wait for where it leads."""
        self.page.get_by_role("button", name=text, exact=True).first.click()
        return self.settled()

    def click(self, text: str) -> "Walker":
        self.page.get_by_role("link", name=text).first.click()
        return self.settled()

    def unfold(self, text: str) -> "Walker":
        self.page.get_by_text(text, exact=True).first.click()
        return self

    def fill(self, label: str, words: str) -> "Walker":
        self.page.get_by_label(label, exact=True).first.fill(words)
        return self

    def choose(self, label: str) -> "Walker":
        self.page.get_by_label(label, exact=True).first.check()
        return self

    def pick(self, label: str, option: str) -> "Walker":
        self.page.get_by_label(label).first.select_option(label=option)
        return self

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def text(self) -> str:
        return self.page.locator("body").inner_text()
