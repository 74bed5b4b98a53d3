import pytest
from hypothesis import given
from hypothesis import strategies as st

from erasure.errors import InputError
from erasure.identity import email, identifier, name, parse_many, phone, spellings
from erasure.identity.normalise import handle, opaque
from erasure.values import Identifier, IdentifierKind

EMAIL, PHONE, NAME = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.NAME


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Beispiel@Example.ORG\n", "ada.beispiel@example.org"),
        ("ada+news@example.org", "ada+news@example.org"),
        ("Ada.O'Beispiel@example.org", "ada.o'beispiel@example.org"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("jürgen@example.org", "jürgen@example.org"),
        ("ju\u0308rgen@example.org", "jürgen@example.org"),
        ("\u200bada@example.org\ufeff", "ada@example.org"),
    ],
)
def test_email_in_any_spelling_becomes_one(text, found):
    assert email(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "bruno",
        "bruno@",
        "@example.com",
        "bruno@@example.org",
        "bruno@example",
        "bruno..b@example.org",
        "bruno@exa mple.org",
        "Ada <bruno@example.org>",
        "bruno@example.org, bruno@example.org",
        "bruno@[192.0.2.1]",
        "bruno@exam_ple.org",
        "ada\x00@example.org",
        "b" * 250 + "@example.org",
    ],
)
def test_email_that_is_none_is_refused_without_repeating_it(text):
    with pytest.raises(InputError) as refused:
        email(text)
    assert refused.value.field == "email"
    assert not text.strip() or text not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("+49 30 23125 012", "DE", "+493023125012"),
        ("030 / 23125-012", "DE", "+493023125012"),
        ("0049 30 23125012", "DE", "+493023125012"),
        ("+49 (0)30 23125012", "GB", "+493023125012"),
        ("tel:+49-30-23125012", "", "+493023125012"),
        ("01632 960123", "GB", "+441632960123"),
        ("+44 1632 960123", "DE", "+441632960123"),
        ("(202) 555-0123", "US", "+12025550123"),
        ("06 1234567", "IT", "+39061234567"),
        ("+4930\u00a023125012\u202c", "DE", "+493023125012"),
    ],
)
def test_phone_in_any_spelling_becomes_e164(text, region, found):
    assert phone(text, region) == found


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("", "DE"),
        ("12", "DE"),
        ("112", "DE"),
        ("+49 40 1", "DE"),
        ("+49 30 1234567890123456", "DE"),
        ("030 23125012", ""),
        ("030 23125012", "XX"),
        ("+999 123456789", "DE"),
        ("0800 FLOWERS", "US"),
        ("+49 30 12O4567", "DE"),
        ("+49 30 1234567 ext. 5", "DE"),
        ("+49 30 1234567#5", "DE"),
        ("ada@example.org", "DE"),
    ],
)
def test_phone_that_is_none_is_refused_without_repeating_it(text, region):
    with pytest.raises(InputError) as refused:
        phone(text, region)
    assert refused.value.field == "phone"
    assert len(text) < 4 or text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ada Beispiel", "Ada Beispiel"),
        ("  Ada \t Beispiel ", "Ada Beispiel"),
        ("Zoe\u0308 Beispiel", "Zoë Beispiel"),
        ("آدا مثال", "آدا مثال"),
        ("D'Arcy-Beispiel 3rd", "D'Arcy-Beispiel 3rd"),
    ],
)
def test_name_keeps_its_spelling_with_single_spaces(text, found):
    assert name(text) == found


@pytest.mark.parametrize("text", ["", " ", "12345", "?!", "Ada\x00", "A" * 201])
def test_name_that_is_none_is_refused(text):
    with pytest.raises(InputError) as refused:
        name(text)
    assert refused.value.field == "name"


def test_opaque_id_keeps_upper_and_lower_case():
    assert opaque(" 003Ab00000xYZaAQ ") == "003Ab00000xYZaAQ"


@pytest.mark.parametrize("text", ["", "a b", "../x", "a/b", "a'b", "a?b", "é", "x" * 256])
def test_opaque_id_with_other_characters_is_refused(text):
    with pytest.raises(InputError) as refused:
        opaque(text)
    assert refused.value.field == "id"


@pytest.mark.parametrize("kind", list(IdentifierKind))
def test_identifier_of_every_kind_is_refused_when_empty(kind):
    with pytest.raises(InputError):
        identifier(kind, " ", "DE")


def test_identifier_of_every_kind_is_normalised():
    assert identifier(EMAIL, "ADA@example.org") == Identifier(EMAIL, "ada@example.org")
    assert identifier(PHONE, "030 23125012", "DE") == Identifier(PHONE, "+493023125012")
    assert identifier(NAME, "Ada  Beispiel") == Identifier(NAME, "Ada Beispiel")
    contact = IdentifierKind.CRM_CONTACT
    assert identifier(contact, "003A") == Identifier(contact, "003A")


def test_parse_many_reads_lines_commas_and_semicolons_once_each():
    text = "ada@example.org, 030 23125012\r\n\nADA@example.org;ada@example.com;\n+49 30 23125012"
    assert parse_many(text, "DE") == (
        Identifier(EMAIL, "ada@example.org"),
        Identifier(PHONE, "+493023125012"),
        Identifier(EMAIL, "ada@example.com"),
    )


def test_parse_many_names_keep_their_comma():
    assert parse_many("Beispiel, Ada; Ada Muster", kind=NAME) == (
        Identifier(NAME, "Beispiel, Ada"),
        Identifier(NAME, "Ada Muster"),
    )


def test_parse_many_of_nothing_is_empty():
    assert parse_many(" \n , ;\n") == ()


def test_parse_many_names_every_wrong_line():
    with pytest.raises(InputError) as refused:
        parse_many("ada@example.org\nada@\n\n112", "DE", field="also_known")
    assert refused.value.field == "also_known"
    assert [line[:7] for line in str(refused.value).splitlines()] == ["Line 2:", "Line 4:"]


LOCAL = st.text("abcXYZ019.+'-_", min_size=1, max_size=20)


@given(LOCAL, st.sampled_from(["example.org", "Bücher.Example", "EXAMPLE.com"]))
def test_email_normalised_twice_is_the_same(local, domain):
    try:
        once = email(f"{local}@{domain}")
    except InputError:
        return
    assert email(once) == once
    assert once == once.lower()


@given(st.integers(0, 10**9), st.sampled_from(["DE", "GB", "FR", "US", "IT"]))
def test_phone_normalised_twice_is_the_same(digits, region):
    try:
        once = phone(f"0{digits}", region)
    except InputError:
        return
    assert phone(once, "") == once


@given(st.text(max_size=60))
def test_normalise_anything_gives_a_value_or_an_input_error(text):
    for kind in IdentifierKind:
        try:
            assert identifier(kind, text, "DE").value
        except InputError as refused:
            assert len(text) < 12 or text not in str(refused)  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@_Ada", "_ada"),
        ("_ada_", "_ada_"),
        ("+447700900123", "+447700900123"),
        (" @Ada.Beispiel ", "ada.beispiel"),
        ("ada-beispiel", "ada-beispiel"),
    ],
)
def test_handle_in_any_spelling_becomes_one(text, found):
    assert handle(text) == found


@pytest.mark.parametrize("text", ["", "@", "ada beispiel", "-ada", "a/b", "@@ada", "x" * 256])
def test_handle_that_is_none_is_refused(text):
    with pytest.raises(InputError) as refused:
        handle(text)
    assert refused.value.field == "id"


def test_apple_id_keeps_upper_and_lower_case():
    kind = IdentifierKind.APPLE
    assert identifier(kind, "urn:mbid:AQaa/Y+=").value == "urn:mbid:AQaa/Y+="


def test_email_with_a_tag_stays_another_address():
    assert email("ada+news@example.org") != email("ada@example.org")


TEN_WAYS = [
    "+441632960123",
    "+44 1632 960123",
    "+44 (0)1632 960 123",
    "0044 1632 960123",
    "00441632960123",
    "01632 960123",
    "(01632) 960-123",
    "01632/960.123",
    "tel:+44-1632-960123",
    "\u200e+44\u00a01632\u00a0960123\u202c",
]


@pytest.mark.parametrize("text", TEN_WAYS)
def test_phone_written_in_ten_ways_is_one_number(text):
    assert phone(text, "GB") == "+441632960123"


@pytest.mark.parametrize("domain", ["bücher.example", "xn--bcher-kva.example"])
def test_spellings_of_an_address_are_both_forms_of_its_domain(domain):
    who = Identifier(IdentifierKind.EMAIL, f"ada@{domain}")
    assert {one.value for one in spellings(who)} == {
        "ada@bücher.example", "ada@xn--bcher-kva.example"
    }  # fmt: skip
    assert spellings(who)[0] == who


@pytest.mark.parametrize(
    ("kind", "value"),
    [("email", "ada@example.org"), ("email", "no address"), ("phone", "+441632960001")],
)
def test_spellings_of_anything_else_are_itself(kind, value):
    who = Identifier(IdentifierKind(kind), value)
    assert spellings(who) == (who,)
