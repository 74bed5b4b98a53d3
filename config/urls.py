"""Addresses: the admin for staff, the public pages for everybody else."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("erasure.web.urls")),
]
