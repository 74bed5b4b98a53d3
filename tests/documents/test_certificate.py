import sys
from collections import Counter
from datetime import UTC, datetime

import pikepdf
import pytest

from erasure.documents.certificate import CONFIDENTIAL, DEVELOPMENT, Edition
from erasure.documents.facts import AnnexRow
from erasure.errors import RefusedError
from erasure.proof import files as reading
from erasure.proof import printed
from erasure.proof.entries import digest
from erasure.proof.verify import verify
from erasure.sealing.sign import seal_pdf
from tests.documents.given import (
    ARABIC,
    DIGEST,
    FILES,
    LINK,
    LONG,
    annex,
    certificate,
    conforms,
    fonts,
    lines,
    opened,
    pages,
    rendered,
)
from tests.proof.given import sealed, states, trusted
from tests.sealing.given import seal

SIZES = {0: 3, 1: 3, 40: 4, 10_000: 51}  # items: pages, with 2,000 rows printed


@pytest.fixture(scope="module")
def published():
    return rendered(link=LINK, development=True)


def test_certificate_is_pdfa_3b(published):
    assert conforms(published) == "pass"


def test_certificate_of_the_same_facts_has_the_same_bytes(published):
    assert rendered(link=LINK, development=True) == published


def test_certificate_embeds_every_font(published):
    assert fonts(published) == {"DejaVuSans": True, "DejaVuSans-Bold": True}


def test_certificate_carries_each_file_unaltered(published):
    with opened(published) as pdf:
        held = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
    assert held == FILES


def test_certificate_says_what_each_file_is_to_it(published):
    with opened(published) as pdf:
        relations = {str(spec.F): str(spec.AFRelationship) for spec in pdf.Root.AF}
    assert relations == {
        "certificate.json": "/Source",
        "certificate.p7s": "/Supplement",
        "certificate.tlog-proof": "/Supplement",
        "entries.jsonl": "/Data",
        "entries.proof": "/Supplement",
    }


def test_certificate_shows_title_language_and_version_1_7(published):
    with opened(published) as pdf:
        assert pdf.pdf_version == "1.7"
        assert str(pdf.Root.Lang) == "en"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo.Title) == "Certificate of erasure ER-2026-000001, version 1"


def test_certificate_is_dated_by_its_issue_not_its_rendering(published):
    with opened(published) as pdf, pdf.open_metadata() as data:
        dates = {data[f"xmp:{name}Date"] for name in ("Create", "Modify", "Metadata")}
    assert {datetime.fromisoformat(one) for one in dates} == {
        datetime(2026, 1, 6, 13, 5, tzinfo=UTC)
    }


def test_certificate_prints_what_the_verifier_reads(published):
    text = "\n".join(pages(published))
    assert printed.check(text, certificate(), FILES["certificate.json"]) == []


def test_certificate_with_another_count_is_found_by_the_verifier():
    value = certificate()
    value["summary"]["by_store"]["genesys-eu.external_contacts"] = {"VERIFIED": 2}
    text = "\n".join(pages(rendered(value)))
    assert printed.check(text, certificate(), FILES["certificate.json"]) != []


def test_certificate_passes_the_verifier():
    files, at = sealed(1), datetime(2026, 1, 6, 13, 5, tzinfo=UTC)
    drawn = rendered(files=files, digest=digest(files["certificate.json"]))
    evidence = reading.parse(seal_pdf(drawn, seal(), at))
    assert states(verify(evidence, trusted())) == {
        **{f"V{number}": "passed" for number in range(1, 14)},
        "V14": "skipped",
    }


def test_certificate_facts_stand_line_by_line(published):
    found = lines(published)
    start = found.index("Facts as recorded")
    assert found[start + 1 : start + 11] == [
        f"Digest: {DIGEST}",
        "Reference: ER-2026-000001",
        "Status: PARTIAL_HOLD",
        "Issued: 2026-01-06T13:05:00Z",
        "Items: 5",
        "archive.tapes ATTESTED 1",
        "genesys-eu.external_contacts VERIFIED 1",
        "genesys-eu.recordings HELD 1",
        "genesys-eu.recordings VERIFIED 1",
        "salesforce.contact ANONYMISED 1",
    ]


def test_certificate_first_page_has_result_and_digest(published):
    first = pages(published)[0]
    assert first.count("2 of 5 items erased and read back: gone.") == 1
    assert [
        first.count(one) for one in (DIGEST, "Ify1NHGCYqhNQoUUe2JZwKImsfT8yhDdwZnc73SCNUA=")
    ] == [1, 1]


def many(systems):
    """So many systems of four stores each; something is kept in every store, until other dates."""
    names = [f"system-{n:02d}.store_{k}" for n in range(systems) for k in range(4)]
    kept = [
        {"ground": "17(3)(a)", "items": 3, "review_by": f"2027-{1 + n % 12:02d}-01", "until": None,
         "store": name}
        for n, name in enumerate(names)
    ]  # fmt: skip
    counts = {"VERIFIED": 900, "HELD": 3, "ANONYMISED": 20}
    lost = {"decision": "ATTESTED", "reason": "no_interface"}
    return certificate(
        summary={"by_store": dict.fromkeys(names, counts), "entries": 9, "items": 3692 * systems},
        retained=kept, not_reached=[lost | {"store": f"old.tapes{n}"} for n in range(6)],
    )  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        certificate(0), certificate(1), certificate(40), certificate(), many(2), many(5), many(30),
        many(9) | {"controller": {"name": f"{LONG}, {ARABIC}", "contact": "dpo@example.org"}},
    ],
    ids=["0", "1", "40", "kept", "2 systems", "5 systems", "30 systems", "long name"],
)  # fmt: skip
def test_certificate_says_all_that_matters_on_its_first_page(value):
    found = pages(rendered(value, link=LINK, rows=iter(())))
    named = ["Erasure was asked for", "Found", "Who decided, and when", "How to check this",
             "What this does not prove", "person or vendor who attests it."]  # fmt: skip
    assert [found[0].count(one) for one in named] == [1] * len(named)
    assert found[1].splitlines()[0:2].count("Store by store") == 1


def test_certificate_of_many_systems_says_where_the_others_are():
    found = pages(rendered(many(30), rows=iter(())))
    assert found[0].count("other systems, see page 2") == 1
    assert found[0].count("more, line by line on page 2.") == 1


@pytest.mark.parametrize("items", SIZES)
def test_certificate_of_any_size_numbers_its_pages(items):
    found = pages(rendered(certificate(items)))
    last = [page.splitlines()[-2:] for page in found]
    foot = "ER-2026-000001, version 1"
    assert last == [[foot, f"Page {page} of {SIZES[items]}"] for page in range(1, len(last) + 1)]


def test_certificate_of_no_item_has_zeros_and_no_annex():
    found = lines(rendered(certificate(0)))
    assert found[found.index("Annex: the items, one by one") + 1] == "There is none."


@pytest.mark.parametrize(("items", "limit"), [(3, 2000), (3, 3), (50, 20), (200, 150)])
def test_annex_prints_each_item_up_to_the_limit(items, limit):
    found = "\n".join(pages(rendered(certificate(items), row_limit=limit)))
    assert found.count("read again by id") == min(items, limit)
    said = f"The first {limit:,} of {items:,} items are printed here."
    assert found.count(said) == (items > limit)


def test_annex_takes_no_row_beyond_the_limit_from_the_iterator():
    rows = annex(100)
    rendered(certificate(100), rows=rows, row_limit=10)
    assert next(rows).number == 10


def calls(work):
    """How many calls the work takes: a measure that no busy machine can change."""
    counted = Counter()
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, arg: counted.update([event]))
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted["call"] + counted["c_call"]


def test_annex_of_ten_times_the_rows_takes_no_more_than_ten_times_the_calls():
    few, many = (
        calls(lambda items=items: rendered(certificate(items), row_limit=items))
        for items in (60, 600)
    )
    assert many <= 10 * few


def test_certificate_for_development_says_so_on_each_page(published):
    assert [page.count(DEVELOPMENT) > 0 for page in pages(published)] == [True] * 3


def test_certificate_for_production_never_says_development():
    assert "".join(pages(rendered())).count("DEVELOPMENT") == 0


def test_authority_edition_prints_the_vendors_ids_and_is_marked_on_each_page():
    row = AnnexRow(0, "a.b", "VERIFIED", "read", "2026-01-06T13:00:00Z", "ada@example.org")
    found = pages(rendered(rows=iter([row]), edition=Edition.AUTHORITY))
    assert [page.count(CONFIDENTIAL) for page in found] == [1] * len(found)
    assert found[-1].count("ada@example.org") == 1


def test_subject_edition_never_prints_a_vendors_id():
    row = AnnexRow(0, "a.b", "VERIFIED", "read", "2026-01-06T13:00:00Z", "ada@example.org")
    found = "".join(pages(rendered(rows=iter([row]))))
    assert (found.count("ada@example.org"), found.count("CONFIDENTIAL")) == (0, 0)


@pytest.mark.parametrize("field", ["store", "outcome", "verdict_text"])
def test_certificate_row_with_a_planted_address_is_refused(field):
    given = {"store": "a.b", "outcome": "VERIFIED", "verdict_text": "read again"}
    row = AnnexRow(number=0, at="2026-01-06T13:00:00Z", **given | {field: "ada@example.org"})
    with pytest.raises(RefusedError):
        rendered(rows=iter([row]))


def test_certificate_title_with_a_planted_number_is_refused():
    with pytest.raises(RefusedError):
        rendered(titles={"a.b": "Calls of +44 1632 960123"})


def test_certificate_shows_identifiers_as_counts_only(published):
    found = lines(published)
    assert found.count("1 e-mail address and 1 phone number") == 1
    text = "".join(found)
    hidden = [one["com"] for one in certificate()["subject"]["identifiers"]]
    assert [text.count(com) for com in hidden] == [0, 0]
    assert text.count("@") == text.count("dpo@example.org") == 1


def test_certificate_of_a_long_arabic_and_umlaut_controller_is_pdfa_3b():
    name = f"{LONG}, {ARABIC} 張"
    data = rendered(certificate(controller={"name": name, "contact": "dpo@example.org"}))
    assert conforms(data) == "pass"
    assert "".join(pages(data)[0].split()).count("".join(LONG.split())) == 1


def test_certificate_of_sixty_stores_keeps_its_facts_within_reach_of_the_verifier():
    names = [f"genesys-cloud-europe.very_long_name_of_a_store_number_{n:02d}" for n in range(60)]
    outcomes = {"ANONYMISED": 1, "HELD": 1, "VERIFIED": 1}
    line = {"ground": "17(3)(b)", "items": 3, "review_by": "2027-01-02", "until": None}
    value = certificate(
        summary={"by_store": dict.fromkeys(names, outcomes), "entries": 9, "items": 180},
        retained=[line | {"store": name} for name in names[:20]],
        not_reached=[
            {"decision": "ATTESTED", "reason": "no_interface", "store": f"old.tapes{n}"}
            for n in range(10)
        ],
    )
    text = reading.parse(rendered(value)).printed_text
    assert printed.check(text, value, FILES["certificate.json"]) == []


def test_certificate_structure_reaches_every_mark(published):
    with opened(published) as pdf:
        tree = pdf.Root.StructTreeRoot
        numbers = list(tree.ParentTree.Nums)
        reached = [len(marks) for marks in numbers[1::2]]
        marked = [page.Contents.read_bytes().count(b"/MCID") for page in pdf.pages]
        assert reached == marked
        assert {str(one.S) for one in tree.K.K} == {"/H1", "/H2", "/P", "/Table", "/Figure"}
        assert isinstance(pdf.Root.MarkInfo, pikepdf.Dictionary)
