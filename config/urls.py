"""Addresses: the admin for staff, the API for machines, the public pages for everybody else."""

from django.contrib import admin
from django.urls import include, path

from erasure.api.requests import api

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("", include("erasure.web.urls")),
]
