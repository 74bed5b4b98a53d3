"""What is on file is looked up narrowly, kept without a value, and told to nobody."""

from datetime import timedelta

import pytest
from django.core import mail

from erasure import clock, intake
from erasure.models import Actor, ErasureCase, OneTimeLink, OnFile, Standing
from erasure.tasks import wake
from erasure.values import CaseState, Identifier, IdentifierKind, Role
from erasure.verification import ask_lookup, confirm, look_up
from tests.factories import make_user
from tests.verification.given import GROUND, now, refused_by, states
from tests.world import moving, served, world

__all__ = ["moving", "served", "world"]
pytestmark = pytest.mark.django_db
EMAIL, PHONE = IdentifierKind.EMAIL, IdentifierKind.PHONE


@pytest.fixture
def mona(world):
    return world.person("many")


@pytest.fixture
def open_(officer):
    """A request that is being assessed."""

    def request(name, *identifiers, **columns):
        case = intake.open_case(
            channel="phone", name=name, identifiers=identifiers, received_at=clock.now(),
            actor=officer,
        )  # fmt: skip
        ErasureCase.objects.filter(pk=case.pk).update(state=CaseState.VALIDATING, **columns)
        return now(case)

    return request


def looked_up(case, officer):
    """By the number of the identifier and the system."""
    ask_lookup(case.pk, actor=officer)
    wake(str(case.pk))
    return {(row.identifier.number, row.connection.slug): row for row in case.on_file.all()}


def risks(case):
    return case.verifications.get().risks


def test_lookup_says_for_each_system_since_when_an_address_stands_there(
    world, mona, open_, officer
):
    case = open_(mona.name, Identifier(EMAIL, mona.email), Identifier(EMAIL, "new@example.org"))
    found = looked_up(case, officer)
    assert {key: row.standing for key, row in found.items()} == {
        (0, "genesys-eu"): Standing.BEFORE, (0, "crm"): Standing.BEFORE,
        (1, "genesys-eu"): Standing.NOWHERE, (1, "crm"): Standing.NOWHERE,
    }  # fmt: skip
    known = found[0, "genesys-eu"]
    assert (known.since < case.received_at, known.agree > 0, known.differ) == (True, True, 0)
    assert (risks(case), case.verifications.get().looked_up_at is not None) == ([], True)


def test_lookup_is_narrow_keeps_no_value_and_tells_nobody(world, mona, open_, officer):
    case = open_(mona.name, Identifier(EMAIL, mona.email))
    before = len(world.app.requests())
    rows = looked_up(case, officer).values()
    asked = [one["template"] for one in world.app.requests()[before:]]
    assert [one for one in asked if "conversations" in one or one.endswith("Case")] == []
    kept = " ".join(str(vars(row)) for row in rows)
    assert [value for value in (mona.email, mona.name) if value in kept] == []
    assert (mail.outbox, case.items.count(), case.identifiers.count()) == ([], 0, 1)


def test_lookup_happens_once_for_each_time_it_is_asked_for(world, mona, open_, officer):
    case = open_(mona.name, Identifier(EMAIL, mona.email))
    assert look_up(case.pk) is False
    looked_up(case, officer)
    before = len(world.app.requests())
    wake(str(case.pk))
    assert (look_up(case.pk), len(world.app.requests())) == (False, before)
    ask_lookup(case.pk, actor=officer)
    assert (look_up(case.pk), case.on_file.count()) == (True, 2)


def test_lookup_while_a_system_is_down_says_so_and_never_not_on_file(world, mona, open_, officer):
    world.fault(genesys_down=True)
    found = looked_up(open_(mona.name, Identifier(EMAIL, mona.email)), officer)
    assert (found[0, "genesys-eu"].status, found[0, "crm"].status) == ("UNANSWERED", "FOUND")
    assert found[0, "genesys-eu"].note


def test_lookup_under_another_name_names_the_risk_without_a_value(world, mona, open_, officer):
    case = open_("Otto Anders", Identifier(EMAIL, mona.email))
    row = looked_up(case, officer)[0, "crm"]
    assert (row.agree, row.differ > 0, row.doubt) == (
        0, True, "It is on file under another name.",
    )  # fmt: skip
    said = [text for text in risks(case) if text.startswith("E-mail address 1 is on file under")]
    assert len(said) == 2
    assert mona.email not in " ".join(risks(case))


def test_lookup_of_two_peoples_identifiers_names_the_risk(world, mona, open_, officer):
    maria = world.person("maria")
    case = open_(mona.name, Identifier(EMAIL, mona.email), Identifier(PHONE, maria.phones[0]))
    looked_up(case, officer)
    assert (
        "E-mail address 1 and telephone number 2 stand on different records in The crm."
        in risks(case)
    )


def test_lookup_after_a_request_confirmed_from_an_address_on_file_finds_the_proof(
    world, mona, open_, officer
):
    case = open_(
        mona.name, Identifier(EMAIL, mona.email), channel="web",
        requester_confirmed_at=clock.now(),
    )  # fmt: skip
    OneTimeLink.make(case, OneTimeLink.CONFIRM, days=7, identifier=case.identifiers.get())
    case.links.update(used_at=clock.now())
    looked_up(case, officer)
    row = case.verifications.get()
    assert (row.on_file.identifier, row.proven_at) == (
        case.identifiers.get(), case.requester_confirmed_at,
    )  # fmt: skip
    confirm(
        case.pk, actor=officer, method="LINK_ON_FILE", matched=["email", "name"],
        reason="The link was used from there.", **GROUND,
    )  # fmt: skip
    assert (states(case), now(case).state) == (["CONFIRMED"], CaseState.DISCOVERY)


def test_lookup_after_a_request_confirmed_from_a_new_address_finds_none(
    world, mona, open_, officer
):
    new = Identifier(EMAIL, "newly.made@example.org")
    case = open_(
        mona.name, new, Identifier(PHONE, mona.phones[0]), channel="web",
        requester_confirmed_at=clock.now(),
    )  # fmt: skip
    given = case.identifiers.get(kind="email")
    OneTimeLink.make(case, OneTimeLink.CONFIRM, days=7, identifier=given)
    case.links.update(used_at=clock.now())
    looked_up(case, officer)
    row = case.verifications.get()
    assert (row.on_file, row.proven_at) == (None, None)


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.OFFICER])
def test_lookup_by_another_role_is_refused(case, role):
    assert refused_by(ask_lookup, case.pk, actor=Actor.of(make_user(role))) == "permission"


@pytest.mark.parametrize(
    "state", [s for s in CaseState if s not in ("VALIDATING", "AWAITING_IDENTITY")]
)
def test_lookup_once_identity_is_out_of_question_is_refused(case, officer, state):
    case.verifications.update(lookup_asked_at=clock.now())
    ErasureCase.objects.filter(pk=case.pk).update(state=state)
    assert refused_by(ask_lookup, case.pk, actor=officer) == "state"
    assert (look_up(case.pk), case.on_file.count()) == (False, 0)


# -- against the receipt -----------------------------------------------------------------------

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("created", "since", "standing"),
    [
        (-3 * DAY, -3 * DAY, Standing.BEFORE),
        (-3 * DAY, -DAY, Standing.BEFORE),
        (-3 * DAY, timedelta(0), Standing.CHANGED),
        (-3 * DAY, DAY, Standing.CHANGED),
        (timedelta(0), timedelta(0), Standing.AFTER),
        (DAY, DAY, Standing.AFTER),
        (None, None, Standing.UNDATED),
    ],
)
def test_standing_is_told_against_the_receipt(case, on_file, created, since, standing):
    at = case.received_at
    row = on_file(
        created=None if created is None else at + created,
        since=None if since is None else at + since,
    )
    assert (row.standing, row.usable) == (standing, standing is not Standing.AFTER)


def test_address_on_file_in_several_systems_counts_by_the_clearest(case, on_file):
    on_file(created=None, since=None)
    clear = on_file()
    assert next(iter(OnFile.objects.all().usable())) == clear
