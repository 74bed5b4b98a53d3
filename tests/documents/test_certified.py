import pytest

from erasure.documents import certified
from erasure.errors import RefusedError
from erasure.proof import printed
from tests.documents.given import DIGEST, FILES, certificate


def test_as_recorded_is_what_the_verifier_expects():
    lines = certified.as_recorded(certificate(), DIGEST)
    assert lines == printed.fact_lines(certificate(), FILES["certificate.json"])


def test_result_names_every_way_an_item_ended():
    assert certified.result(certificate()) == (
        "2 of 5 items erased and read back: gone. 1 item anonymised, and read back as such. "
        "1 item attested, which cannot be read back. "
        "1 item kept under Art. 17(3)(e) until 30 Jun 2026."
    )


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (0, "No item was found in any of the stores searched."),
        (1, "The one item found was erased and read back: gone."),
        (10_000, "All 10,000 items erased and read back: gone."),
    ],
)
def test_result_of_a_complete_case_counts(items, said):
    assert certified.result(certificate(items)) == said


def test_result_of_nothing_erased_claims_nothing_erased():
    value = certificate(2, retained=[kept("17(3)(b)", "2027-01-02")])
    value["summary"]["by_store"] = {"a.b": {"EXEMPT": 2}}
    assert certified.result(value) == "2 items kept under Art. 17(3)(b) reviewed by 2 Jan 2027."


def kept(ground, review):
    return {"ground": ground, "items": 2, "review_by": review, "store": "a.b", "until": None}


def test_result_without_an_expiry_names_the_review():
    value = certificate(4, retained=[kept("17(3)(b)", "2027-01-02")])
    assert certified.result(value).split("gone. ")[1] == (
        "2 items kept under Art. 17(3)(b) reviewed by 2 Jan 2027."
    )


def test_result_with_many_reasons_to_keep_sums_them():
    value = certificate(8, retained=[kept("17(3)(b)", f"2027-01-0{day}") for day in range(1, 5)])
    assert certified.result(value).split("gone. ")[1] == (
        "8 items kept under several articles and dates, listed below."
    )


@pytest.mark.parametrize(
    "text", ["for ada@example.org", "call +44 1632 960123", "+441632960123", "+43 (1) 555-0199"]
)
def test_refuse_personal_stops_an_address_or_number(text):
    with pytest.raises(RefusedError) as refused:
        certified.refuse_personal(["fine", text])
    assert str(refused.value) == "A certificate may not hold an e-mail address or phone number."


def test_refuse_personal_lets_digests_and_dates_pass():
    assert certified.refuse_personal([DIGEST, "2026-01-06T13:00:00Z", "erasure@v1"]) is None


def test_refuse_personal_facts_allows_the_controllers_contact_alone():
    assert certified.refuse_personal_facts(certificate()) is None
    with pytest.raises(RefusedError):
        certified.refuse_personal_facts(certificate(jobs={"ada@example.org": 1}))
