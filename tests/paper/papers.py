"""Facts for the papers of an invented municipality, and the default policy's documents."""

from datetime import date
from functools import cache
from pathlib import Path

from partners.paper.documents import Document
from partners.paper.filling import Filled, Setting, Values, filled
from partners.paper.press import printed
from partners.paper.reading import read_documents
from partners.policy.load import load

DATA = Path(__file__).parents[2] / "data"
LEVELS = ("information", "consultation", "dialogue", "partnership")
BANDS = ("B0", "BK", "BM", "B1", "B2", "B3", "B4")
TRIGGERS = (
    *("children", "children_or_vulnerable", "one_to_one", "acts_for_city", "passes_money_on"),
    *("shares_personal_data", "handles_personal_data", "point_against_result"),
)
ALL = Setting("partnership", "B2", frozenset(TRIGGERS))
PLAIN = Setting("partnership", "B0")
MARIA = {"name": "Maria Łukasiewicz", "role": "chair", "authority": "statutes, section 7"}
KARIN = {"name": "Karin Dahl", "role": "head of department", "authority": "delegation 14/2025"}
HALL = {"text": "The hall, heated, every Friday", "owner": "Lene Bro", "due": "8 January 2027"}
ALWAYS: Values = {
    "municipality": "Havnby Municipality",
    "department": "Culture and Leisure",
    "organisation": "Harbour Kitchen",
    "reference": "MoU-2027-0014",
    "title": "Community meals at the harbour",
    "level": "Partnership",
    "level_meaning": "We do something together.",
    "charter_months": "36",
    "charter_review_months": "24",
}
MUST: Values = ALWAYS | {
    "purpose": "warm meals for anyone who comes",
    "aims": [{"text": "nobody eats alone", "proposed_by": "Harbour Kitchen"}],
    "benefit_city": ["a warm place in the evening"],
    "benefit_org": ["a heated hall"],
    "activities": [{"text": "Friday meals"}],
    "promise_city": [HALL],
    "mediator": "the library director",
    "crisis_contact_city": "the duty officer",
    "crisis_contact_org": "the chair",
    "start": date(2027, 1, 1),
    "end": "2028-12-31",
    "review_date": date(2027, 10, 1),
    "notice_days": 60,
    "signers_org": [MARIA],
    "signers_city": [KARIN],
    "support_for": ["heating and food"],
    "reporting_dates": ["31 January 2028, on one page"],
    "question": "When should the library be open?",
    "heard": [{"text": "Also on Sundays", "became": "Open on Sundays from March"}],
    "city_contact": "Maja Lund, Culture and Leisure",
    "share_purpose": "to reach families who asked for help",
    "share_benefit": "they tell their story once",
    "shared_items": [{"text": "name and telephone", "basis": "consent, article 6(1)(a)"}],
    "share_consent": "People are asked first, and can take it back.",
    "share_receivers": ["the coordinator of each side"],
    "share_sent": "by secure mail",
    "share_quality": "both lists are compared each month",
    "share_security": "two people on each side can open it",
    "share_deletion": "Both sides delete it after 12 months.",
    "share_rights": "the data protection officer",
    "share_training": "one hour before they begin",
    "share_breaches": "Write to the data protection officer.",
    "made_up_case": "the invented family Holm asks for help with homework",
    "volunteer_roles": ["host on Fridays"],
    "role_tasks": ["open the hall and welcome people"],
    "role_cover": "the municipality's insurance for volunteers",
    "role_expenses": "travel, against receipts",
    "crisis_city": [{"text": "duty officer", "telephone": "+45 55 50 10 00", "time": "always"}],
    "crisis_org": [{"text": "the chair", "telephone": "+45 55 50 20 00", "time": "until 22"}],
    "notice_by": "Harbour Kitchen",
    "notice_on": date(2027, 5, 1),
    "follows": "It ends M-2027-00014.",
    "possible_now": ["Regular meetings"],
    "complain_to": "the complaints desk",
    "contact_name": "Maja Lund",
    "points": [{"text": "The accounts are missing", "source": "the public register"}],
    "reply_by": date(2027, 4, 10),
    "reply_days": "21",
    "fingerprint": "9f86d081884c7d659a2feaa0c55ad015",
    "signatures": [{"name": "Karin Dahl", "party": "Havnby Municipality"}],
}


def texts_of(folder: Path) -> dict[str, str]:
    texts = load(folder)[1]
    return {name: text for name, text in texts.items() if name.startswith("documents/")}


@cache
def documents() -> dict[str, Document]:
    return read_documents(texts_of(DATA), levels=LEVELS, bands=BANDS, triggers=TRIGGERS)


def full() -> Values:
    """Every blank filled, with a row and with every field of it."""
    facts = dict(MUST)
    for name, blank in documents()["memorandum"].blanks.items():
        row = {field: f"{name} {field} Łódź æøå" for field in blank.fields}
        kinds = {"rows": [row, row], "list": [f"{name} one", f"{name} two"], "yes-no": True}
        facts.setdefault(name, kinds.get(blank.kind, date(2027, 5, 1)))
        if blank.kind == "text":
            facts[name] = f"{name} æøå"
    return facts


def paper(
    name: str, facts: Values = MUST, setting: Setting = PLAIN, language: str = "en"
) -> Filled:
    return filled(documents()[name], facts, setting, language=language)


def pdf(found: Filled, **more: str) -> bytes:
    asked = {"title": found.masthead.title, "language": "en", "reference": "MoU-2027-0014"} | more
    return printed(found.blocks, author="Havnby Municipality", **asked)
