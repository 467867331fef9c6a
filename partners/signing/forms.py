from flask_babel import lazy_gettext as _l

from partners.ground.words import N_
from partners.signing.rules import AGREE, REMARK, TALK
from partners.web.fields import Choice, File, Secret, Text, Tick, options
from partners.web.forms import HouseForm


class ValueForm(HouseForm):
    answer = Choice(
        _l("What do you say to it?"),
        ask=N_("Choose an answer."),
        choices=options([
            (AGREE, _l("We agree")), (REMARK, _l("We agree, with a remark")),
            (TALK, _l("Let us talk about it")),
        ]),
    )  # fmt: skip
    remark = Text(_l("Your remark"), optional=True, lines=True, limit=2000)


class SignForm(HouseForm):
    name = Text(_l("Your name"), ask=N_("Type your name."), free=False)
    statement = Tick("", ask=N_("Tick the statement, because it is what you sign."), optional=False)
    password = Secret(_l("Your password, once more"))


class ElsewhereForm(HouseForm):
    file = File(_l("The file with your signature"), ask=N_("Choose the file that you signed."),
                hint=_l("PDF, 10 MB at most."))  # fmt: skip
    statement = Tick("", ask=N_("Tick the statement, because it is what you sign."), optional=False)
    password = Secret(_l("Your password, once more"))
