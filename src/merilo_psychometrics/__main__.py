"""`python -m merilo_psychometrics` is `merilo measure` without the platform."""

import sys

from merilo_psychometrics.command import main

sys.exit(main())
