"""What may be done to an engagement, told a second time and without the house's own table.

States are named as in the outcome paper. Maja, Jonas and Lene are officers, Ida a liaison officer,
Karin, Omar and Tove managers of three departments; Nadia is of the organisation.
"""

from dataclasses import dataclass, field

ROLE = {
    "maja": "officer", "jonas": "officer", "lene": "officer", "ida": "liaison", "karin": "manager",
    "omar": "manager", "tove": "manager", "nadia": "partner", "clock": "clock",
}  # fmt: skip
PEOPLE = tuple(ROLE)
LEVELS = ("hello", "talk", "work")  # the middle one is the floor
SHORT = {"S-05": "talk", "S-06": "talk"}  # asked at "work"; what a shortfall leaves open
OPEN = {"draft", "in_conversation", "proposed", "replying", "decided", "told", "in_force", "due",
        "paused", "declined"}  # fmt: skip
ASKING = {"draft", "in_conversation"}
# Verb: from which states, to which state ("" stays), who. "read" and "decide" say more below.
VERBS = {
    "tell_level": ({"draft"}, "in_conversation", "team"),
    "change": (ASKING, "", "team"),
    "answer": (ASKING, "", "team"),
    "propose": ({"in_conversation"}, "proposed", "team"),
    "take_back": ({"proposed"}, "in_conversation", "team"),
    "send": ({"proposed"}, "replying", "team"),
    "reply": ({"replying"}, "", "team partner"),
    "read": ({"proposed", "replying"}, "proposed", "fresh"),
    "decide": ({"proposed"}, "decided", "fresh"),
    "confirm": ({"proposed"}, "decided", "fresh"),
    "hand_back": ({"proposed"}, "proposed", "fresh"),
    "tell": ({"decided"}, "told", "team"),
    "enter": ({"told"}, "in_force", "clock"),
    "fall_due": ({"in_force"}, "due", "clock"),
    "again": ({"due", "in_force", "told"}, "draft", "team"),
    "pause": (OPEN - {"paused"}, "paused", "manager"),
    "resume": ({"paused"}, "", "manager clock"),
    "decline": (OPEN - {"declined"}, "declined", "team partner"),
    "return": ({"declined"}, "draft", "team partner"),
    "close": (OPEN, "closed", "manager"),
    "outside": (OPEN, "", "manager"),
    "join": ({*OPEN, "closed"}, "", "staff"),
    "aside": ({*OPEN, "closed"}, "", "staff"),
}


@dataclass
class Model:
    """One engagement as far as its moves are concerned."""

    level: str = "work"
    state: str = "draft"
    paused_from: str = ""
    paused_by: tuple[str, ...] = ()
    team: set[str] = field(default_factory=lambda: {"maja"})
    aside: set[str] = field(default_factory=set)
    worked: set[str] = field(default_factory=lambda: {"maja"})
    short: set[str] = field(default_factory=set)  # what falls short now
    found: set[str] = field(default_factory=set)  # what lowered the result when it was proposed
    sent: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)  # what the organisation could answer this round
    settled: str = ""  # the level that was decided
    hands: dict[str, str] = field(default_factory=dict)  # prepared, read, decided, confirmed

    @property
    def pending(self) -> bool:
        return "decided" in self.hands and self.state == "proposed"

    def fits(self, who: str, kinds: str) -> bool:
        """Whether this person is one of `kinds` for this engagement."""
        role, staff = ROLE[who], ROLE[who] in ("officer", "liaison", "manager")
        clear = who not in self.aside
        return any((
            "team" in kinds and role in ("officer", "liaison") and who in self.team and clear,
            "fresh" in kinds and staff and clear and who not in self.worked,
            "manager" in kinds and role == "manager" and clear,
            "staff" in kinds and staff and clear,
            "partner" in kinds and role == "partner",
            "clock" in kinds and role == "clock",
        ))  # fmt: skip

    def legal(self, verb: str, who: str, arg: str = "") -> bool:
        """Whether this may be done; what depends on answers may still be refused."""
        states, _target, kinds = VERBS[verb]
        if self.state not in states or not self.fits(who, kinds):
            return False
        if verb == "resume":
            return who == "clock" or who in self.paused_by
        if verb in ("take_back", "send") and self.pending:
            return False
        if verb in ("pause", "outside"):
            return ROLE[arg] == "manager" and arg not in (who, *self.aside)
        if verb in ("confirm", "hand_back"):
            return self.pending and ROLE[who] == "manager" and who not in self.hands.values()
        return verb != "decide" or self.may_decide(who, arg)

    def may_decide(self, who: str, level: str) -> bool:
        """Four eyes, the floor, and nothing lower before the organisation could answer."""
        carried = "talk" if self.found and self.level == "work" else self.level
        below_floor = LEVELS.index(level) < min(LEVELS.index(self.level), 1)
        by_manager = self.level == "work" or level != carried
        read = "read" in self.hands or level != "work"
        return (
            not self.pending and not below_floor and who not in self.hands.values()
            and ROLE[who] in (("manager",) if by_manager else ("manager", "liaison"))
            and read and (not self.found or ("read" in self.hands and self.found <= self.heard))
        )  # fmt: skip

    def lowers(self) -> set[str]:
        return set(self.short) if self.level == "work" else set()

    def did(self, verb: str, who: str, arg: str, waits: bool = False) -> None:
        """Follow a deed that was done. `waits`: the decision waits for a second manager."""
        was, target = self.state, VERBS[verb][1]
        self.state = was if waits or not target else target
        if verb == "resume":
            self.state, self.paused_from = self.paused_from, ""
        elif verb == "pause":
            self.paused_from, self.paused_by = was, (who, arg)
        elif verb in ("again", "return"):
            self.found, self.sent, self.heard, self.hands = set(), set(), set(), {}
            self.worked = set() if verb == "again" else self.worked
        elif (verb, self.level) == ("tell_level", "hello") or (verb, self.settled) == (
            "tell",
            "hello",
        ):
            self.state = "in_force"  # no paper goes with the lowest level
        elif verb == "decide":
            self.settled = arg
        elif verb == "read":
            self.heard |= self.sent if was == "replying" else set()
        elif verb == "take_back":
            self.hands.pop("prepared")
            self.worked -= {self.hands.pop("read", "")}  # what was read may change; they may again
        elif verb == "hand_back":
            self.hands.pop("decided")
        elif verb == "propose":
            self.found = self.lowers()
        elif verb == "send":
            self.sent = set(self.found)
        names = {"propose": "prepared", "read": "read", "decide": "decided", "confirm": "confirmed"}
        if verb in names:
            self.hands[names[verb]] = who
        self.worked |= {who} if verb in (*names, "answer") else set()
        self.team |= {who} if verb in (*names, "join", "answer") else set()
        self.aside |= {who} if verb == "aside" else set()
