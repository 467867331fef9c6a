"""A reader without scripts: opens pages, checks each one whole, fills in forms as a browser would.

page = Page(house.client("maja"))
page.get("/organisations/new")
page.post("/organisations/new", name="Harbour Kitchen")       # opens the form first, then sends
assert page.status == 303 and "Harbour Kitchen" in page.follow().text
"""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from partners.policy.schema import read
from partners.policy.values import Outcome

VOID = "area base br col embed hr img input link meta param source track wbr".split()
NEVER = ("vetting", "screening", "flagged", "risk score", "failed", "rejected", "suspicious")
LEAKS = re.compile(r"%\(\w+\)s|<bound method|<function |\bUndefined\b|object at 0x|Decimal\(")
# A form that changes nothing and knows nobody sets no cookie, so it has no token.
FREE = ("/verify",)


class Page:
    """One visitor and the page in front of them. Every page that is opened is checked."""

    def __init__(self, client: FlaskClient, *, check: bool = True) -> None:
        self.client, self.check = client, check
        self.app: Flask = client.application
        self.path = "/"
        self.answer: TestResponse | None = None

    # What is in front of the visitor

    @property
    def status(self) -> int:
        assert self.answer is not None, "nothing was opened yet"
        return self.answer.status_code

    @property
    def source(self) -> str:
        assert self.answer is not None, "nothing was opened yet"
        return self.answer.text

    @property
    def root(self) -> Any:
        return html.document_fromstring(self.source, parser=html.HTMLParser(encoding="utf-8"))

    @property
    def text(self) -> str:
        """The words of the page, blanks joined."""
        return words(self.root)

    @property
    def heading(self) -> str:
        return words(self.root.find(".//h1"))

    @property
    def title(self) -> str:
        return words(self.root.find(".//title"))

    @property
    def led_to(self) -> str:
        """Where the answer sends the visitor, without the host."""
        assert self.answer is not None
        return self.answer.headers.get("Location", "")

    @property
    def troubles(self) -> list[str]:
        """The sentences of the error summary."""
        return [words(e) for e in self.all("//*[contains(@class,'govuk-error-summary')]//li")]

    def all(self, xpath: str) -> list[Any]:
        return list(self.root.xpath(xpath))

    def links(self) -> dict[str, str]:
        """Every link of the page: its words and its address."""
        return {words(a): a.get("href") for a in self.all("//a[@href]")}

    # What the visitor does

    def get(self, path: str, *, status: int | None = 200, **kw: Any) -> "Page":
        """Open `path`; `status` is what the answer must be, None when anything will do."""
        self.path = path
        return self._take(self.client.get(path, **kw), status)

    def follow(self) -> "Page":
        """Go where the answer leads, as often as it leads on."""
        for _step in range(5):
            if self.status not in (301, 302, 303):
                return self
            self.get(self.led_to, status=None)
        raise AssertionError(f"{self.path} leads in circles")

    def click(self, text: str) -> "Page":
        """Follow the link with these words."""
        href = self.links().get(text)
        assert href, f"no link {text!r} on {self.path}; there are {sorted(self.links())}"
        return self.get(href)

    def post(
        self,
        path: str,
        fields: Mapping[str, Any] | None = None,
        *,
        press: str = "",
        action: str = "",
        follow: bool = False,
        status: int | None = None,
        **more: Any,
    ) -> "Page":
        """Open `path`, fill in its form and send it.

        The form is the one with the button `press`, or that is sent to `action`, or that holds the
        named fields. Whatever stands in it is sent along, as a browser does. None takes a field
        out; a list ticks several; a pair (file, name) hands in a file.
        """
        self.get(path)
        return self.send({**(fields or {}), **more}, press=press, action=action, follow=follow,
                         status=status)  # fmt: skip

    def send(
        self,
        fields: Mapping[str, Any] | None = None,
        *,
        press: str = "",
        action: str = "",
        follow: bool = False,
        status: int | None = None,
        **more: Any,
    ) -> "Page":
        """Fill in and send a form of the page that is open already; see `post`."""
        wanted = {**(fields or {}), **more}
        form = self.form(wanted, press=press, action=action)
        sent = {**filled_in(form, press), **wanted}
        data = {name: value for name, value in sent.items() if value is not None}
        self.path = form.get("action") or self.path
        multipart = form.get("enctype") == "multipart/form-data"
        kind = "multipart/form-data" if multipart else "application/x-www-form-urlencoded"
        self._take(self.client.post(self.path, data=data, content_type=kind), status)
        return self.follow() if follow else self

    def form(self, fields: Mapping[str, Any] = {}, *, press: str = "", action: str = "") -> Any:
        """The form of this page that is meant."""
        found = [form for form in self.all("//form[translate(@method,'POST','post')='post']")
                 if not _signs_out(form) or "sign-out" in action]  # fmt: skip
        if action:
            found = [form for form in found if form.get("action", "").startswith(action)]
        if press:
            found = [form for form in found if press in buttons(form)]
        elif len(found) > 1:
            found = [form for form in found if set(fields) <= set(names(form))]
        assert len(found) == 1, (
            f"{len(found)} forms on {self.path} fit {press or action or sorted(fields)};"
            f" there are {[(f.get('action'), buttons(f)) for f in self.all('//form')]}"
        )
        return found[0]

    def _take(self, answer: TestResponse, status: int | None) -> "Page":
        self.answer = answer
        if status is not None:
            assert answer.status_code == status, (
                f"{self.path} answered {answer.status_code}, not {status}:"
                f" {self.text[:600] if answer.mimetype == 'text/html' else answer.text[:300]}"
            )
        led_on = answer.status_code in (301, 302, 303, 304)
        if self.check and answer.mimetype == "text/html" and answer.text and not led_on:
            found = list(faults(answer.text, self.app, self.path))
            assert not found, f"{self.path}: " + "; ".join(found)
        return self


def _signs_out(form: Any) -> bool:
    return form.get("action", "").endswith("/sign-out")


def words(element: Any) -> str:
    """The words in an element, blanks joined; scripts and styles are not words."""
    if element is None:
        return ""
    texts = element.xpath(".//text()[not(ancestor::script) and not(ancestor::style)]")
    return " ".join(" ".join(texts).split())


def buttons(form: Any) -> list[str]:
    return [words(b) for b in form.xpath(".//button[not(@type) or @type='submit']")]


def names(form: Any) -> Iterator[str]:
    yield from (e.get("name") for e in form.xpath(".//*[@name]"))


def filled_in(form: Any, press: str = "") -> dict[str, Any]:
    """What a browser would send if nothing were typed."""
    sent: dict[str, list[str]] = {}
    for field in form.xpath(".//input[@name] | .//textarea[@name] | .//select[@name]"):
        sent.setdefault(field.get("name"), []).extend(_values(field))
    for button in form.xpath(".//button[@name]"):
        if press and words(button) == press:
            sent[button.get("name")] = [button.get("value", "")]
    return {n: v if len(v) > 1 else v[0] for n, v in sent.items() if v}


def _values(field: Any) -> list[str]:
    kind = field.get("type", "text")
    if field.get("disabled") is not None or kind in ("file", "submit", "button", "image"):
        return []
    if field.tag == "textarea":
        return [(field.text or "").removeprefix("\n")]
    if field.tag == "select":
        chosen = [o for o in field.iter("option") if o.get("selected") is not None]
        if not chosen and field.get("multiple") is None:
            chosen = list(field.iter("option"))[:1]
        return [o.get("value", words(o)) for o in chosen]
    if kind in ("checkbox", "radio"):
        return [field.get("value", "on")] if field.get("checked") is not None else []
    return [field.get("value", "")]


# What every page must keep to


def faults(text: str, app: Flask, path: str = "/") -> Iterator[str]:
    """Everything that is wrong with a page, in words."""
    root = html.document_fromstring(text, parser=html.HTMLParser(encoding="utf-8"))
    yield from _nesting(text)
    yield from _frame(root, app)
    yield from _ids(root)
    yield from _names(root)
    yield from _inline(root)
    yield from _forms(root)
    yield from _links(root, app, path)
    seen = words(root)
    # "S002-…" is the id of a source, which stands in the files that a policy owner edits.
    found = (word for word in NEVER if re.search(rf"(?<!S002-)\b{word}\b", seen, re.I))
    yield from (f"says {word!r}" for word in found)
    yield from (f"shows the inside: {m[0]!r}" for m in LEAKS.finditer(seen))


class _Nest(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.wrong.append(f"</{tag}> closes <{self.open[-1] if self.open else ''}>")


def _nesting(text: str) -> Iterator[str]:
    nest = _Nest()
    nest.feed(text)
    yield from nest.wrong[:1] or [f"<{tag}> is never closed" for tag in nest.open[:1]]


def _frame(root: Any, app: Flask) -> Iterator[str]:
    headings = root.xpath("//h1")
    if len(headings) != 1 or not words(headings[0]):
        yield f"{len(headings)} h1: {[words(h) for h in headings]}"
    if not root.get("lang"):
        yield "no lang"
    if root.get("dir") not in ("ltr", "rtl"):
        yield "no dir"
    if len(root.xpath("//main")) != 1:
        yield "not one main"
    title = words(root.find(".//title"))
    if not title or title.startswith("–"):
        yield "no title"
    yield from (f"the title tells {name!r}" for name in results(app) if name in title.lower())


def results(app: Flask) -> set[str]:
    """The names of results in every language, in small letters; no title may hold one."""
    version, texts = app.extensions["policy"]
    if version not in _results:
        policy = read(texts, version)
        _results[version] = {
            policy.words(language).outcome(outcome).name.lower()
            for language in policy.books
            for outcome in Outcome
            # "Registered" says that somebody is in the register, which is no finding.
            if outcome is not Outcome.REGISTERED
        }
    return _results[version]


_results: dict[str, set[str]] = {}


def _ids(root: Any) -> Iterator[str]:
    ids = root.xpath("//@id")
    yield from (f"id {i!r} twice" for i in sorted({i for i in ids if ids.count(i) > 1}))
    known = set(ids)
    for name in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
        for value in root.xpath(f"//@{name}"):
            yield from (f"{name}={i!r} points nowhere" for i in value.split() if i not in known)
    for href in root.xpath("//a/@href[starts-with(.,'#')]"):
        if href[1:] and href[1:] not in known:
            yield f"{href!r} points nowhere"


def _names(root: Any) -> Iterator[str]:
    labelled = set(root.xpath("//label/@for"))
    for field in root.xpath("//input | //select | //textarea"):
        if field.get("type") in ("hidden", "submit", "button"):
            continue
        named = field.get("id") in labelled or field.get("aria-label")
        if not named and not field.get("aria-labelledby") and not field.xpath("ancestor::label"):
            yield f"field {field.get('name')!r} has no label"
    for thing in root.xpath("//a[@href] | //button | //legend | //label | //th | //caption"):
        spoken = words(thing) or thing.get("aria-label") or thing.xpath(".//*[@aria-label or @alt]")
        if not spoken and thing.tag != "th":
            yield f"<{thing.tag}> without words: {etree.tostring(thing)[:80]!r}"
    yield from (f"image {i.get('src')!r} without alt" for i in root.xpath("//img[not(@alt)]"))
    yield from ("a table without caption or label" for _t in root.xpath(
        "//table[not(caption) and not(@aria-label) and not(@aria-labelledby)]"))  # fmt: skip


def _inline(root: Any) -> Iterator[str]:
    if root.xpath("//style") or root.xpath("//*[@style]"):
        yield "inline style"
    if root.xpath("//script[not(@src)]"):
        yield "inline script"
    for name in set(root.xpath("//@*[starts-with(name(),'on')]/..")):
        yield f"handler on <{name.tag}>"
    yield from (f"{h[:30]!r}" for h in root.xpath("//@href[starts-with(.,'javascript:')]"))


def _forms(root: Any) -> Iterator[str]:
    for form in root.xpath("//form"):
        if form.get("method", "get").lower() != "post":
            if set(names(form)) & {"csrf_token", "_key"}:
                yield f"form {form.get('action')!r} sends its token in the address"
            continue
        for needed in () if form.get("action") in FREE else ("csrf_token", "_key"):
            if len(form.xpath(f".//input[@name='{needed}' and string-length(@value)>15]")) != 1:
                yield f"form {form.get('action')!r} without {needed}"
        if form.xpath(".//input[@type='file']") and form.get("enctype") != "multipart/form-data":
            yield f"form {form.get('action')!r} cannot carry its file"
        if not buttons(form):
            yield f"form {form.get('action')!r} without a button"


def _method(element: Any, name: str) -> str:
    form = element if name == "action" else next(element.iterancestors("form"), None)
    sent = name in ("action", "formaction") and form is not None
    return (element.get("formmethod") or form.get("method", "get")).upper() if sent else "GET"


def _links(root: Any, app: Flask, path: str) -> Iterator[str]:
    adapter = app.url_map.bind("localhost")
    for element in root.xpath("//*[@href or @src or @action or @formaction]"):
        kinds = ("href", "src", "formaction", "action")
        name = next(kind for kind in kinds if element.get(kind) is not None)
        address = element.get(name)
        if re.match(r"https?://|mailto:|tel:|data:|#", address):
            continue
        to = address.split("#")[0].split("?")[0] or path.split("?")[0]
        method = _method(element, name)
        try:
            adapter.match(to, method=method)
        except RequestRedirect:
            yield f"{name}={address!r} only redirects"
        except (MethodNotAllowed, HTTPException) as error:
            yield f"{name}={address!r} leads to {error.code}"
