"""What may be typed on the page of a result."""

from flask_babel import lazy_gettext as _l

from partners.web.fields import Choice, Day, Lines, Pick, Text, Tick
from partners.web.forms import HouseForm


class ProposeForm(HouseForm):
    good = Lines(
        _l("What is good here?"),
        optional=True,
        aid=True,
        hint=_l("One thing a line, in words the organisation would recognise."),
    )
    open_named = Text(_l("Why does it go on without the items that are open?"), optional=True,
                      lines=True, limit=2000, aid=True)  # fmt: skip


class ReasonForm(HouseForm):
    reason = Text(_l("Why?"), ask=_l("Write the reason in a sentence."), lines=True, limit=2000,
                  aid=True)  # fmt: skip


class PointForm(HouseForm):
    said = Text(_l("What was noted"), ask=_l("Write what was noted."), lines=True, limit=2000,
                aid=True)  # fmt: skip
    source = Text(_l("Where it comes from, and when"), optional=True)


class ReplyForm(HouseForm):
    reply = Text(_l("Your answer"), ask=_l("Write your answer, or leave the page."), lines=True,
                 limit=4000)  # fmt: skip
    meeting = Tick(_l("We would like to talk about it"))
    interpreter = Text(_l("With an interpreter, in"), optional=True,
                       hint=_l("The language. Leave it empty if you need none."))  # fmt: skip


class MoreTimeForm(HouseForm):
    until = Day(_l("Until when?"), ask=_l("Enter the new last day."))
    because = Text(_l("Why?"), ask=_l("Write the reason in a sentence."))


class DecideForm(HouseForm):
    choice = Choice(_l("What do you decide?"), ask=_l("Choose what you decide."))
    level = Pick(_l("Level"), optional=True)
    band = Pick(_l("Support up to"), optional=True)
    reason = Text(
        _l("Why otherwise?"),
        optional=True,
        lines=True,
        limit=2000,
        aid=True,
        hint=_l("Your reason goes into their file and into the yearly report."),
    )
    missing = Text(_l("What is missing?"), optional=True, lines=True, limit=2000, aid=True,
                   hint=_l("The organisation sees that the case went back, and why."))  # fmt: skip
    minute = Text(_l("Committee, date and minute reference"), optional=True)


class TellForm(HouseForm):
    way = Choice(_l("How does the letter reach them?"), ask=_l("Choose how it reaches them."))
    language = Pick(_l("In which language?"), ask=_l("Choose a language."))


class MetForm(HouseForm):
    evidence = Text(_l("How do we know?"), ask=_l("Say in a sentence how we know."))
    on = Day(_l("Since when?"), ask=_l("Enter the day."))
