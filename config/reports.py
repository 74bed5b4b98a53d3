"""What Django may show of the settings when a page fails, in a trial or by mail to an admin."""

import re

from django.views.debug import SafeExceptionReporterFilter


class Masked(SafeExceptionReporterFilter):
    """Hides what Django does not know to be secret: the wrapping keys, a module's PIN, and
    addresses of servers, which hold passwords.
    """

    hidden_settings = re.compile(
        rf"{SafeExceptionReporterFilter.hidden_settings.pattern}|KEKS|PIN$|URL$", re.IGNORECASE
    )
