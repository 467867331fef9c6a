"""How a field is drawn: what it says of itself, and what a page adds."""

from dataclasses import dataclass, field
from typing import Any

TICKED = ("tick", "ticks")
PASSED_ON = ("autocomplete", "inputmode", "spellcheck", "lang", "accept")


@dataclass(slots=True)
class Drawn:
    """One field on one page. What the page leaves out is the field's own; `optional` says whether
    "(optional)" stands behind the label, `by` which other elements describe the field, `more` which
    further attributes it has.
    """

    f: Any
    label: Any = None
    hint: Any = None
    optional: bool | None = None
    quiet: bool = False
    group: str = ""
    attrs: dict[str, Any] = field(default_factory=dict)
    suffix: str = ""
    code: bool = False
    type: str = "text"
    autocomplete: str = ""
    inputmode: str = ""
    spellcheck: Any = None
    lang: str = ""
    accept: str = ""
    rows: int = 4
    maxlength: int = 0
    hints: dict[str, Any] | None = None
    conditional: dict[str, Any] = field(default_factory=dict)
    rungs: dict[str, str] = field(default_factory=dict)
    chips: bool = False
    kind: str = ""
    by: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    advice: Any = ()

    def __post_init__(self) -> None:
        f = self.f
        self.kind = getattr(f, "kind", "hidden")
        self.label = self.label or f.label.text
        self.hint = f.description if self.hint is None else self.hint
        if self.optional is None:
            self.optional = self.kind not in TICKED and getattr(f, "optional", False)
        self.hints = getattr(f, "hints", {}) if self.hints is None else self.hints
        self.advice = getattr(f, "advice", ())
        said = {"hint": self.hint, "error": f.errors, "advice": self.advice, "info": self.maxlength}
        self.by = " ".join(f"{f.id}-{what}" for what, there in said.items() if there)
        told = {key: getattr(self, key) for key in PASSED_ON}
        self.more = {key: what for key, what in told.items() if what not in (None, "")} | self.attrs
