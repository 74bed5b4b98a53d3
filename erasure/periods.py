"""How long what is kept, as this installation is set up."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from erasure.deadlines.retention import Periods
from erasure.errors import InputError


def periods() -> Periods:
    """
    Raises:
        ImproperlyConfigured: the settings contradict each other; names the first that does.
    """
    try:
        return Periods(**settings.KEEP)
    except InputError as why:
        raise ImproperlyConfigured(f"How long what is kept (ERASURE_KEEP_…): {why}") from None
