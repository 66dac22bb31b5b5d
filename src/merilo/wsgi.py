"""The door for gunicorn: `merilo.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "merilo.settings")
application = get_wsgi_application()
