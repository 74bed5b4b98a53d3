"""Entry point of the web server."""

from django.core.wsgi import get_wsgi_application

from config.env import use_settings

use_settings()
application = get_wsgi_application()
