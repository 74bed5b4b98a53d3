#!/usr/bin/env python
"""Run a command of Erasure: ``python manage.py help`` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config.env import use_settings


def main() -> None:
    """Run the command; a setting that is wrong ends it with one sentence."""
    if sys.argv[1:3] == ["evidence_keys", "init"]:  # before there are keys, nothing else starts
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.init"
    try:
        use_settings()
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as why:
        sys.exit(f"Erasure cannot start. {why}")


if __name__ == "__main__":
    main()
