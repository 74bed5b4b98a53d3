from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate

from erasure.ledger.tables import restore_triggers


class ErasureConfig(AppConfig):
    name = "erasure"
    verbose_name = "Erasure"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(restore_triggers, sender=self)


class ErasureAdminConfig(AdminConfig):
    """Our own admin site in the place of Django's."""

    default_site = "erasure.admin.site.ErasureSite"
