"""How the house says no: a sentence that a person can act on, and the facts in it."""

from partners.ground.words import N_

# What somebody pressed was overtaken by what others did.
NOT_NOW = N_("This is not possible now. Open the page again to see what is.")


class Refusal(Exception):
    """A deed is refused. `sentence` is English, the gettext id, with `%(name)s` for its facts.

    `field` names the form field that the sentence is about, so that it can stand beside it.
    """

    def __init__(self, sentence: str, *, field: str | None = None, **facts: object) -> None:
        super().__init__(sentence)
        self.sentence, self.field, self.facts = sentence, field, facts

    def __str__(self) -> str:
        return self.sentence % self.facts if self.facts else self.sentence


class beside:
    """Let what is refused within stand beside this field of a form.

    A class, because an import enters it for every cell.
    """

    def __init__(self, field: str) -> None:
        self.field = field

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, refusal: object, _trace: object) -> None:
        if isinstance(refusal, Refusal):
            refusal.field = self.field


class NotYours(Exception):
    """The actor may not do this to this thing. The door answers as if the thing did not exist."""
