"""A paper in more than one language, and pages that are read from the right."""

from collections.abc import Iterator
from dataclasses import replace

from partners.paper.blocks import Version
from partners.paper.layout import Layout
from partners.paper.strips import WIDTH, Ink, Strip, Thing


def laid_out(layout: Layout, versions: list[Version]) -> Iterator[tuple[Version, list[Strip]]]:
    """One version after the other, each under its own language."""
    for version in versions:
        layout.tree.begin(version.language, version.from_right, len(versions) == 1)
        strips = layout.strips(version.blocks)
        if version.from_right:
            strips = list(map(_turned, strips))
        yield version, strips


def _turned(strip: Strip) -> Strip:
    things, again = map(_mirrored, strip.things), map(_turned, strip.again)
    return replace(strip, things=tuple(things), again=tuple(again))


def _mirrored(thing: Thing) -> Thing:
    if not isinstance(thing, Ink):
        return replace(thing, x=WIDTH - thing.x - thing.wide)
    # What runs from the right stands at the right already; mirrored it would leave that edge.
    x = WIDTH - thing.x - thing.line.width + thing.shift
    return replace(thing, x=x)
