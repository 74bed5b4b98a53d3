"""A Salesforce connector with the sandbox's org behind it, on the session of production."""

from erasure import clock
from erasure.connectors.base import Account, Found, ItemRef, RemoteJob, Searched, Unanswered
from erasure.connectors.salesforce import Salesforce
from erasure.errors import StoppedError
from erasure.identity import walk
from erasure.sandbox import salesforce as sandbox
from erasure.sandbox.people import find, populate
from erasure.sandbox.vendor import Wire
from erasure.values import Identifier, IdentifierKind, IdentifierState, JobState
from tests.connectors.given import CountingLimiter
from tests.connectors.wsgi import WsgiAdapter

BASE = "http://127.0.0.1:9/salesforce"
PEOPLE = populate("demo")
MARIA, JO, SIOBHAN = (find(PEOPLE, key) for key in ("maria", "jo1", "siobhan"))
BYSTANDER = next(one for one in PEOPLE if one.bystander)
EMAIL, PHONE, NAME = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.NAME
CRM = IdentifierKind.CRM_CONTACT
COMPLETE = {"salesforce": {"objects": True}}


class Rig:
    """A connector with the org behind it. ``played``: the sandbox's options."""

    def __init__(self, played=None, /, **account):
        self.vendor = sandbox.Salesforce()
        self.vendor.reset(PEOPLE, played or {}, clock.now())
        self.wire = Wire(self.vendor)
        secrets = self.vendor.credentials()
        given = {"region": "GB"} | account
        self.account = Account(
            slug="salesforce",
            base_url=BASE,
            login_url=BASE,
            client_id=secrets["client_id"],
            client_secret=secrets["client_secret"],
            **given,
        )
        self.pace = CountingLimiter()
        adapter = WsgiAdapter(self.wire, "/salesforce")
        self.connector = Salesforce(self.account, self.pace, adapter=adapter)

    def lookup(self, kind, value):
        return list(self.connector.lookup(Identifier(kind, value)))

    def walked(self, person):
        """The graph from the person's first address on, judged as in a case."""

        def lookup(who):
            return [each for each in self.connector.lookup(who) if isinstance(each, Found)]

        names = [person.name, *person.other_names]
        return walk([Identifier(EMAIL, person.email)], lookup, names=names)

    def asked(self, person):
        """The records that stand for the person, and what is told of all stores."""
        walked = self.walked(person)
        sure = IdentifierState.CONFIRMED
        people = [each.record for each in walked.sightings if each.state is sure]
        return people, list(self.connector.collect(walked.in_state(sure), people))

    def found(self, person):
        """All that is found of the person."""
        people, answers = self.asked(person)
        return [*people, *(each for each in answers if isinstance(each, Found))]

    def refs(self, person, store, **given):
        return [
            ItemRef(store, row.remote_id, division=row.division, facts=row.facts, **given)
            for row in self.found(person)
            if row.store == store
        ]

    def held(self, person):
        return {row["remote_id"] for row in self.vendor.holdings(person.key)}

    def held_of_others(self, person):
        return {one.key: self.held(one) for one in PEOPLE if one is not person}

    def ended_jobs(self):
        """The states of all bulk jobs the vendor knows."""
        rows = self.connector.org.send("GET", "/jobs/ingest").json_object()["records"]
        return {row["state"] for row in rows}

    def seen(self, refs):
        return [each.seen for each in self.connector.verify(refs, [], [])]

    def finish(self, answers):
        """Poll the job of some answers to its end."""
        refs = tuple(each.ref for each in answers)
        job = RemoteJob(answers[0].job_kind, answers[0].remote_job, refs)
        while True:
            report = self.connector.poll(job, go)
            if report.state not in (JobState.SUBMITTED, JobState.RUNNING):
                return report


def go(refs):
    """The holds have nothing against it."""


def stop(refs):
    raise StoppedError("a hold covers it", held=True)


def stores_of(answers):
    return {each.store: each for each in answers if isinstance(each, Searched | Unanswered)}
