"""The pages of papers: written in turns, read together, issued, signed, ended, kept."""

from partners.mou.blueprint import bp
from partners.mou.letters import tell_signers
from partners.mou.views import drafting, papers, promised, together
from partners.mou.views.papers import opened
