"""Addresses of the admin, as the tests call them."""

from typing import Any

from django.urls import reverse

CASES = "/admin/erasure/erasurecase/"


def case_page(case: Any) -> str:
    return reverse("admin:erasure_erasurecase_change", args=[case.pk])


def step(case: Any, act: str) -> str:
    return reverse("admin:case_step", args=[case.pk, act])


def at(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)
