"""The certificate's part of ``benchmark evidence``, over a few items."""

import pytest

from erasure.management.benchmark import certified
from erasure.models import Certificate
from erasure.values import CaseState

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(settings, tmp_path):
    settings.ANCHOR_FOLDER = str(tmp_path / "anchors")
    settings.DATA = tmp_path
    return certified.build_case(130)


def test_certificate_of_the_benchmark_is_issued_and_passes(case):
    made = certified.certify(case.pk)
    row = case.certificates.get()
    assert (row.stage, row.status) == (Certificate.ISSUED, CaseState.PARTIAL_HOLD)
    assert made["facts"] < certified.MOST_KILOBYTES
    assert 0 < made["subject"] < made["authority"]
    assert certified._verified(case) > 0


def made(items, seconds=1.0, growth=1.0):
    return certified.Made(items, 2 * items, seconds, 0.3, growth, 1.0, 2.0, 8.0, 1.0)


def test_figures_judge_time_by_the_fewest_items_and_memory_by_the_most():
    found = certified.figures([made(10_000, seconds=3.1), made(50_000, growth=149.0)])
    assert [(one.name, one.met) for one in found] == [
        ("certificate of 10,000 items, seconds from facts to seal", False),
        ("certificate of 10,000 items, seconds to seal", True),
        ("certificate of 10,000 items, MB with openings", True),
        ("certificate of 10,000 items, KB of facts over 60 stores", True),
        ("MB of memory for 50,000 items", True),
        ("seconds to verify 10,000 items", True),
        ("seconds to verify 50,000 items", True),
    ]
