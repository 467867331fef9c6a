"""`partners COMMAND`: see `partners --help`."""

import sys

from partners.tools.commands import main

sys.exit(main(sys.argv[1:]))
