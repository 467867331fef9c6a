"""What the README says about figures is what `make bench` wrote down."""

from pathlib import Path

HOME = Path(__file__).parent.parent.parent


def test_the_readme_shows_the_figures_that_were_measured() -> None:
    table = (HOME / "docs" / "figures.md").read_text().partition("\n## ")[0]
    readme = (HOME / "README.md").read_text()
    shown = readme.partition("<!-- figures -->\n")[2].partition("<!-- end -->")[0]
    assert shown == table.removeprefix("# Figures\n\n") != ""
