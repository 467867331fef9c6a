from flask_babel import lazy_gettext as _l

from partners.ground.words import N_
from partners.web.fields import Choice, Day, Pick, Text, Tick, Ticks
from partners.web.forms import HouseForm

_SHOWN = {
    "publish_organisation": _l("The organisation’s name may be shown as a signatory"),
    "publish_signer": _l("My name may be shown as the one who signed"),
}


class ShowForm(HouseForm):
    choices = tuple(_SHOWN.items())
    publish_organisation = Tick(_SHOWN["publish_organisation"])
    publish_signer = Tick(_SHOWN["publish_signer"])


class ConsentForm(HouseForm):
    publish_organisation = Tick(_SHOWN["publish_organisation"])
    names = Ticks(
        _l("Who may be shown as having signed?"),
        hint=_l("Each says yes for themselves; any of you can take a name away."),
    )


class OwnForm(HouseForm):
    own_words = Text(_l("Your own words"), ask=N_("Write or paste your own words."), lines=True,
                     limit=12000)  # fmt: skip


class ReadForm(HouseForm):
    verdict = Choice(_l("Do these words mean the same?"), ask=N_("Choose an answer."))
    reason = Text(_l("Why?"), ask=N_("Write why; the organisation reads it."), lines=True,
                  limit=2000)  # fmt: skip


class OfferForm(HouseForm):
    language = Pick(_l("In which language?"), ask=N_("Choose a language."))
    organisation = Text(free=False)


class PointsForm(ReadForm):
    points = Ticks(_l("Which points do you find in their words?"),
                   hint=_l("In sense, not word for word. They see what you ticked."))  # fmt: skip


class WhyForm(HouseForm):
    because = Text(_l("Why?"), ask=N_("Write why; the other side reads it."), lines=True,
                   limit=4000)  # fmt: skip


class WordsForm(HouseForm):
    words = Text(_l("Your answer"), ask=N_("Write your answer."), lines=True, limit=4000)


class RoundForm(HouseForm):
    asks = Text(
        _l("What do you ask?"), ask=N_("Write what you ask."), lines=True, limit=1000,
        hint=_l("For example: what is missing, what would you say otherwise?"),
    )  # fmt: skip
    until = Day(_l("Until when may they propose?"), ask=N_("Choose a day."))


class AskForm(HouseForm):
    organisation = Text(free=False)


class VoiceForm(HouseForm):
    words = Text(_l("What would you write otherwise, and why?"), ask=N_("Write your proposal."),
                 lines=True, limit=8000)  # fmt: skip
    by_name = Tick(_l("Our organisation’s name may stand beside it, for everyone to read"))


class AnswerForm(HouseForm):
    voice = Text(free=False)
    answer = Text(_l("What becomes of it, and why?"), ask=N_("Write what becomes of it."),
                  lines=True, limit=4000)  # fmt: skip


class CloseForm(HouseForm):
    changed = Text(_l("What changes in the text, and why?"), ask=N_("Write what changes, or that"
                   " nothing does, and why."), lines=True, limit=8000)  # fmt: skip


class JointForm(HouseForm):
    title = Text(_l("What is it called?"), ask=N_("Write what it is called."))
    statement = Text(
        _l("What do you state together?"), ask=N_("Write the joint statement."), lines=True,
        limit=8000, hint=_l("It stands after the charter, word for word the same for everyone."),
    )  # fmt: skip


class SeveralForm(JointForm):
    language = Pick(_l("In which language?"), ask=N_("Choose a language."))
    until = Day(_l("Until when can it be signed?"), ask=N_("Choose a day."))


class MoreTimeForm(HouseForm):
    until = Day(_l("Until when can it be signed?"), ask=N_("Choose a day."))


class NoForm(HouseForm):
    reason = Text(_l("Why, if you like to say"), optional=True, lines=True, limit=2000)


class ReportForm(HouseForm):
    report = Text(
        _l("What did we do, and what not?"), ask=N_("Write what we did."), lines=True, limit=4000,
        hint=_l("Everyone can read it. Say first where we are late."),
    )  # fmt: skip


class OwnerForm(HouseForm):
    owner = Pick(_l("Who sees to it?"), ask=N_("Choose who sees to it."))
