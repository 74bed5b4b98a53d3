from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

SEE_CASES = [
    "view_erasurecase", "view_subject", "view_subjectidentifier", "view_storesearch",
    "view_dataitem", "view_attempt", "view_vendorjob", "view_verification", "view_letter",
    "view_deletionlogentry", "view_certificate", "view_hold",
]  # fmt: skip
ROLES = {
    "Intake clerk": ["view_erasurecase", "add_erasurecase"],
    "Case officer": [
        *SEE_CASES, "add_erasurecase", "start_validation", "ask_identity", "confirm_identity",
        "rediscover", "decide_item", "close_case", "halt_case", "record_answer", "view_person",
        "view_proof", "download_report", "view_reporting",
    ],
    "DPO": [
        *SEE_CASES, "approve_case", "decide_store", "refuse_case", "reopen_case", "close_case",
        "halt_case", "record_answer", "view_person", "view_proof", "download_report",
        "view_reporting", "place_hold", "view_systemconnection", "view_accessrecord",
    ],
    "Legal": [*SEE_CASES, "place_hold", "release_hold", "release_case", "halt_case"],
    "Auditor": [
        *SEE_CASES, "view_person", "download_report", "view_reporting", "view_accessrecord",
        "view_systemconnection", "view_user",
    ],
    "Administrator": [
        "view_user", "add_user", "change_user", "view_group", "view_systemconnection",
        "add_systemconnection", "change_systemconnection", "check_connection",
    ],
}  # fmt: skip


def make_roles(apps, schema_editor):
    for app in ("auth", "erasure"):
        create_permissions(
            installed.get_app_config(app), verbosity=0, using=schema_editor.connection.alias
        )
    permission = apps.get_model("auth", "Permission").objects
    for name, codenames in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        found = permission.filter(
            codename__in=codenames, content_type__app_label__in=["auth", "erasure"]
        )
        missing = set(codenames) - set(found.values_list("codename", flat=True))
        if missing:
            raise ValueError(f"No such permission: {', '.join(sorted(missing))}")
        group.permissions.set(found)


class Migration(migrations.Migration):
    dependencies = [
        ("erasure", "0002_log_tables"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
