"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from opsdesk.collecting import collect_seldom
from opsdesk.logs import mask_web_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsdesk.settings")
application = get_wsgi_application()
collect_seldom()
mask_web_server()
