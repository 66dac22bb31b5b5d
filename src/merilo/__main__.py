"""`python -m merilo` is the same command as `merilo`."""

import sys

from merilo.cli import main

sys.exit(main())
