"""The log of an organisation's file is written in sentences, not in the names of deeds. Pure."""

import ast
import re
from pathlib import Path

from partners.assessment.models import Condition, Engagement, Point, Reference, Round
from partners.assessment.pages import TRAIL
from partners.assessment.rules.moves import Verb
from partners.charter.models import Charter
from partners.media.models import Kept
from partners.mou.models import Paper
from partners.portal import sentences
from partners.registry.models import Office, Organisation

HOME = Path(sentences.__file__).parents[1]
# About staff, the policy, lists, or the municipality's own text: about no organisation's file.
NOT_THEIRS = re.compile(
    r"(account\.moved|charter\.(commitment|reported|several_|shaping_|signed_by_city|more_time)"
    r"|delegation\.|department\.|house\.|list\.(compared-on|handed-in|loaded|refused)|log\.|policy\."
    r"|organisations\.(im|ex)ported|signing\.)"
)


def verbs() -> set[str]:
    """Every deed that is written down by name, and those that are put together from parts."""
    nodes = (one for path in HOME.rglob("*.py") for one in ast.walk(ast.parse(path.read_text())))
    calls = (one for one in nodes
             if isinstance(one, ast.Call) and getattr(one.func, "id", "") == "record")  # fmt: skip
    named = {one.args[0].value for one in calls if isinstance(one.args[0], ast.Constant)}
    moves = {f"engagement.{verb.name.lower()}" for verb in Verb if verb is not Verb.FOLLOW_UP}
    cleared = (Office, Reference, Charter, Kept, Round, Point, Organisation)
    noticed = (Engagement, Condition, Charter, Paper)
    return named | moves | {f"{table.__tablename__}.cleared" for table in cleared} | {
        f"{table.__tablename__}.noticed" for table in noticed}  # fmt: skip


def test_every_deed_is_told_in_a_sentence() -> None:
    told = {*sentences.DEEDS, *sentences.OURS_ALONE, *sentences.HOLDS, sentences.DECIDED_ALREADY}
    told |= {f"engagement.{verb}" for verb in TRAIL}
    assert sorted(one for one in verbs() - told if not NOT_THEIRS.match(one)) == []
