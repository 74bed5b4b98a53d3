from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_migrate

from erasure.deadlines import Establishment
from erasure.errors import InputError
from erasure.ledger.tables import restore_triggers
from erasure.periods import periods

SETTING = {
    "country": "ERASURE_COUNTRY",
    "zone": "ERASURE_TIME_ZONE",
    "subdivision": "ERASURE_SUBDIVISION",
    "regime": "ERASURE_REGIME",
}


def refuse_unknown_establishment() -> None:
    """No process starts where no deadline can be counted.

    Raises:
        ImproperlyConfigured: names the setting.
    """
    try:
        Establishment(
            settings.COUNTRY, settings.TIME_ZONE, settings.SUBDIVISION or None, settings.REGIME
        )
    except InputError as why:
        raise ImproperlyConfigured(f"{SETTING[why.field]}: {why}") from None


class ErasureConfig(AppConfig):
    name = "erasure"
    verbose_name = "Erasure"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        refuse_unknown_establishment()
        post_migrate.connect(restore_triggers, sender=self)
        periods()  # refuses to start with periods that make no sense


class ErasureAdminConfig(AdminConfig):
    """Our own admin site in the place of Django's."""

    default_site = "erasure.admin.site.ErasureSite"
