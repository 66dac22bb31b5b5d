"""The door for gunicorn: `merilo.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "merilo.settings")
application = get_wsgi_application()


def settle() -> None:
    """Leave what is loaded now out of every later search for garbage.

    Code, templates and the law live as long as the process: walking through them again and again
    stops a request for a tenth of a second, and unshares the memory of forked workers.
    """
    gc.collect()
    gc.freeze()
