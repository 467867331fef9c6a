"""Pictures of the pages, for people: `python scripts/shots.py [name …]`.

Starts the sample municipality apart, and takes every page of the table below in two widths, and the
first page of a memorandum, into docs/pictures/. Addresses hold random ids,
so a page may be reached as a person reaches it: an address, then the links to press.
A page that answers an error or is wider than its window fails the run.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

# name, way ("/address > link text > link text"), e-mail of the sample account, or "" for nobody
PAGES: list[tuple[str, str, str]] = [
    ("home", "/", ""),
    ("charter", "/charter", ""),
    ("today", "/today", "maja@havnby.example"),
    ("organisation", "/organisations > Northside Chess Club", "maja@havnby.example"),
    ("engagement", "/engagements > Junior chess in the library", "lene@havnby.example"),
    ("result", "/today > Decide on Evening school", "karin@havnby.example"),
    ("my-file", "/our/file", "nadia@harbour-kitchen.example"),
    ("signing", "/our/to-do", "birgit@rowing-veterans.example"),
]
WIDTHS = (1280, 390)
OUT = Path(__file__).parent.parent / "docs" / "pictures"
HOME = Path(__file__).parent.parent
PASSWORD = tomllib.loads((HOME / "data" / "sample.toml").read_text("utf-8"))["password"]
PORT = "8765"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--hide-scrollbars",
]


def sign_in(page: Page, base: str, email: str) -> None:
    """Sign in as a person does; stays on the first page of that account."""
    page.goto(f"{base}/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    if page.url.split("?")[0].endswith("/sign-in"):
        raise SystemExit(f"no sign-in for {email}; is PARTNERS_SAMPLE_PASSWORD set?")


def walk(page: Page, base: str, way: str) -> str:
    """Go to the page; the answer says what is wrong with it, or nothing."""
    address, *links = (step.strip() for step in way.split(" > "))
    answer = page.goto(base + address)
    status = answer.status if answer else 0
    for text in links:
        with page.expect_navigation() as moved:
            page.get_by_role("link", name=text).first.click()
        status = moved.value.status
    page.evaluate("document.fonts.ready")
    page.evaluate("document.activeElement && document.activeElement.blur()")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return f"answers {status}" if status >= 400 else "is wider than the window" if wide else ""


def shoot(browser: Browser, base: str, wanted: list[str]) -> list[str]:
    """Take the pictures; one window for each account and width. The answer lists what is wrong."""
    problems = []
    pages = [row for row in PAGES if not wanted or row[0] in wanted]
    for email in dict.fromkeys(row[2] for row in pages):
        for width in WIDTHS:
            window = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
            page = window.new_page()
            if email:
                sign_in(page, base, email)
            for name, way in ((row[0], row[1]) for row in pages if row[2] == email):
                if wrong := walk(page, base, way):
                    problems.append(f"{name} at {width} px {wrong}")
                page.screenshot(path=OUT / f"{name}-{width}.png", full_page=True)
            window.close()
    return problems


@contextmanager
def town() -> Iterator[tuple[str, Path]]:
    """The sample municipality on a port of its own; its address and its folder."""
    with tempfile.TemporaryDirectory(prefix="shots-") as folder:
        command = [sys.executable, "-m", "partners", "serve", "--sample", "--port", PORT]
        env = {**os.environ, "PARTNERS_INSTANCE": folder, "PYTHONPATH": str(HOME)}
        server = subprocess.Popen(command, env=env, cwd=HOME, stdout=subprocess.DEVNULL)
        try:
            _wait(f"http://127.0.0.1:{PORT}/")
            yield f"http://127.0.0.1:{PORT}", Path(folder)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def _wait(address: str) -> None:
    for _try in range(240):
        try:
            urllib.request.urlopen(address, timeout=5).read()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"{address} does not answer")


def memorandum(folder: Path) -> None:
    """The first page of a memorandum that both sides signed."""
    books = sqlite3.connect(folder / "partners.sqlite")
    (fingerprint,) = books.execute(
        "select fingerprint from papers where kind = 'memorandum' and in_force_at is not null"
    ).fetchone()
    books.close()
    file = next((folder / "files").rglob(f"*{fingerprint}*"))
    command = ["pdftoppm", "-r", "80", "-png", "-f", "1", "-l", "1", "-singlefile"]
    subprocess.run([*command, str(file), str(OUT / "memorandum")], check=True)


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with town() as (base, folder), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        problems = shoot(browser, base, sys.argv[1:])
        browser.close()
        memorandum(folder)
    print("\n".join(problems) or f"pictures in {OUT}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
