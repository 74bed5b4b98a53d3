"""Our own admin site."""

from django.contrib.admin import AdminSite


class ErasureSite(AdminSite):
    site_header = "Erasure"
