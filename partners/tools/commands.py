"""The command line. Each file of this room adds its own commands."""

import argparse
import sys
from collections.abc import Sequence

from partners.ground.db import UnsafeDatabase
from partners.ground.refusals import Refusal
from partners.policy.shapes import PolicyError
from partners.signing.keys import UnsafeKeys
from partners.tools import backup, database, municipality, policy, sample, seal, server


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns the exit code. What a person can mend is said in one line."""
    parser = argparse.ArgumentParser(prog="partners", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for room in (server, municipality, database, backup, policy, sample, seal):
        room.add_commands(commands)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen) or 0)
    except (Refusal, UnsafeDatabase, UnsafeKeys, PolicyError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
