"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from config.charsets import readable_charsets_only
from config.warm_up import warm_up

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = readable_charsets_only(get_wsgi_application())
warm_up()
