"""`partners seal`: the municipality's root, the seal of each year, and its own clock."""

import argparse

from flask import Flask

from partners.accounts.queries import municipality
from partners.app import create_app
from partners.ground import clock
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.signing.keys import Keys, in_words, keys_in, make, rotate
from partners.signing.rules import in_fours


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`partners seal init`, `partners seal rotate`, `partners seal show`"""
    seal = commands.add_parser("seal", help="the keys that seal papers")
    verbs = seal.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("init", help="make root, seal and clock").set_defaults(run=_init)
    verbs.add_parser("rotate", help="make the next year's seal and clock").set_defaults(run=_rotate)
    verbs.add_parser("show", help="print the fingerprint of the root").set_defaults(run=_show)


def _init(_chosen: argparse.Namespace) -> int:
    return _done(create_app(), begin)


def begin(app: Flask) -> Keys:
    """Make the keys of this house; those of a sample are marked as such in every certificate."""
    house = municipality()
    if house is None:
        raise Refusal(N_("No municipality lives here yet. Found one first: partners new"))
    keys = keys_in(app.config["SETTINGS"].instance)
    make(keys, house.name, at=clock.now(), sample=house.invented)
    return keys


def _rotate(_chosen: argparse.Namespace) -> int:
    return _done(create_app(), lambda app: _next(keys_in(app.config["SETTINGS"].instance)))


def _next(keys: Keys) -> Keys:
    rotate(keys, at=clock.now())
    return keys


def _show(_chosen: argparse.Namespace) -> int:
    return _done(create_app(), lambda app: keys_in(app.config["SETTINGS"].instance))


def _done(app: Flask, work: "object") -> int:
    with app.app_context():
        keys: Keys = work(app)  # type: ignore[operator]
    if not keys.exist:
        raise Refusal(N_("There is no seal yet. Make one: partners seal init"))
    print(f"Root of the seal, SHA-256 of its certificate {keys.folder / 'root.crt'}:\n")
    print(f"  {in_fours(keys.fingerprint)}\n\n  {in_words(keys.fingerprint)}\n")
    print(f"The seal holds until {keys.certificate('seal').not_valid_after_utc:%Y-%m-%d}.")
    print("Publish the fingerprint where papers do not come from, such as your own website.")
    print("Keep a copy of root.key offline; it is needed once a year, for partners seal rotate.")
    return 0
