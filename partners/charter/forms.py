from flask_babel import lazy_gettext as _l

from partners.ground.words import N_
from partners.web.fields import Choice, Pick, Text, Tick
from partners.web.forms import HouseForm


class HandForm(HouseForm):
    name = Text(_l("Your name"), ask=N_("Type your name."), free=False)
    statement = Tick("", ask=N_("Tick the statement, because it is what you sign."), optional=False)


class SignForm(HandForm):
    publish_organisation = Tick(_l("The organisation’s name may be shown as a signatory"))
    publish_signer = Tick(_l("My name may be shown as the one who signed"))


class ConsentForm(HouseForm):
    publish_organisation = Tick(_l("The organisation’s name may be shown as a signatory"))
    publish_signer = Tick(_l("The signer’s name may be shown"))


class OwnForm(HouseForm):
    own_words = Text(_l("Your own words"), ask=N_("Write or paste your own words."), lines=True,
                     limit=12000)  # fmt: skip


class ReadForm(HouseForm):
    verdict = Choice(
        _l("Do these words mean the same?"), ask=N_("Choose an answer.")
    )
    reason = Text(_l("Why?"), ask=N_("Write why; the organisation reads it."), lines=True,
                  limit=2000)  # fmt: skip


class OfferForm(HouseForm):
    language = Pick(_l("In which language?"), ask=N_("Choose a language."))
    organisation = Text(free=False)
