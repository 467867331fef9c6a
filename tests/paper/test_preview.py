"""The same blocks as a page."""

from html.parser import HTMLParser

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.paper.papers import ALL, documents, full, paper
from tests.paper.test_press import AWKWARD, EVERYTHING

SHOWN = (
    """{% from "paper/blocks.html" import blocks with context %}{{ blocks(list, masthead=True) }}"""
)


def page(list_: object) -> str:
    loader = FileSystemLoader("partners/templates")
    house = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    house.globals["_"] = lambda words, **facts: words % facts
    return house.from_string(SHOWN).render(list=list_)


class Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", sorted(documents()))
def test_every_paper_has_a_page_whose_tags_are_closed(name) -> None:
    reader = Balance()
    reader.feed(page(paper(name, full(), ALL).blocks))
    assert reader.open == []


def test_every_kind_of_block_is_shown() -> None:
    shown = page(EVERYTHING)
    for tag in ("<h2 id=", "<h3", "<ul", "<ol", "<blockquote", "<dl", "<table", "promises"):
        assert tag in shown
    assert "Not signed yet" in shown


@pytest.mark.parametrize("text", AWKWARD)
def test_text_stays_text(text) -> None:
    shown = page(paper("memorandum", full() | {"purpose": text, "aims": [text]}).blocks)
    assert "<b>Soul" not in shown
    assert "<para>" not in shown
