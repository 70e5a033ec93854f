"""``python -m simulator.cli`` is ``kgraft-sim``."""

import sys

from simulator.cli.app import main

sys.exit(main())
