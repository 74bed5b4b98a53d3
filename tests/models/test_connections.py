import pytest
from django.core.exceptions import ValidationError

from erasure.errors import KeyMissingError
from erasure.models import SystemConnection
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


def test_secret_is_kept_encrypted_for_this_connection_alone():
    mine, other = make_connection(), make_connection()
    mine.set_secret("client-secret")
    mine.save()
    again = SystemConnection.objects.get(pk=mine.pk)
    assert again.kept_secret() == "client-secret"
    assert b"client-secret" not in bytes(again.secret_sealed)
    other.secret_sealed = again.secret_sealed
    with pytest.raises(KeyMissingError):
        other.kept_secret()


def test_secret_that_comes_from_the_environment_is_not_kept():
    assert make_connection(secret_env="GENESYS_SECRET").kept_secret() == ""


@pytest.mark.parametrize("slug", ["Genesys", "genesys_eu", "-eu", "a.b", "a" * 21, ""])
def test_slug_that_the_log_could_not_name_is_refused(slug):
    with pytest.raises(ValidationError):
        SystemConnection(slug=slug).clean_fields(exclude=["name"])
    errors = []
    try:
        SystemConnection(slug=slug).clean_fields()
    except ValidationError as why:
        errors = list(why.message_dict)
    assert "slug" in errors
