"""Text, ids and telephone numbers on their way into a statement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erasure.connectors.salesforce.phones import spellings
from erasure.connectors.salesforce.soql import id18, in_portions, quote
from erasure.errors import RefusedError
from erasure.sandbox.salesforce.soql import unescape


@given(st.text(alphabet=st.characters(min_codepoint=32) | st.sampled_from("\n\r\t\b\f'\"\\")))
def test_quote_of_any_text_reads_back_as_that_text(text):
    literal = quote(text)
    assert unescape(literal) == text


@given(st.text(alphabet="'\\\n\"aé ", max_size=10_000))
def test_quote_leaves_no_bare_apostrophe_or_line_break(text):
    inner = quote(text)[1:-1].replace("\\\\", "").replace("\\'", "")
    assert (inner.count("'"), inner.count("\n")) == (0, 0)


def test_quote_of_ten_thousand_characters_reads_back_whole():
    text = "'\\\n\"" * 2_500
    assert unescape(quote(text)) == text


@pytest.mark.parametrize(
    ("short", "long"),
    [("001A0000006Vm9r", "001A0000006Vm9rIAC"), ("003000000000001", "003000000000001AAA")],
)
def test_id_in_either_form_becomes_the_long_one(short, long):
    assert (id18(short), id18(long)) == (long, long)


@pytest.mark.parametrize(
    "text", ["", "003", "003-00000000001", "0030000000000012", None, 3, "é" * 15]
)
def test_id_of_another_form_is_refused(text):
    with pytest.raises(RefusedError):
        id18(text)


def test_portions_hold_every_value_once_and_stay_short():
    values = [f"{number:018d}" for number in range(1_000)]
    portions = list(in_portions([*values, *values]))
    assert [value for portion in portions for value in portion] == values
    assert max(len(",".join(map(quote, portion))) for portion in portions) <= 4_000


def test_spellings_of_a_number_are_those_people_type():
    wanted = {"+441632960101", "+44 1632 960101", "01632 960101", "01632960101"}
    wanted |= {"00441632960101", "(01632) 960101", "01632-960101"}
    assert wanted <= set(spellings("+441632960101", "GB"))


def test_spellings_elsewhere_leave_out_what_would_read_as_another_number():
    assert {each[0] for each in spellings("+441632960101", "DE")} == {"+", "0"}
    assert "01632 960101" not in spellings("+441632960101", "DE")
