import json

import pytest

from erasure.proof import openings
from erasure.proof.encoding import unb64
from erasure.proof.entries import Line
from erasure.proof.scopes import CaseKeys
from tests.proof.given import SECRET, SET, certificate, files, lines


def text(version):
    return SET[f"version_{version}"]["openings_jsonl"]


def issued(version):
    from_log = files(version)["certificate.tlog-proof"].decode().split("\n")[1]
    return Line.parse(unb64(from_log.removeprefix("extra ")))


@pytest.mark.parametrize("version", [1, 2])
def test_render_of_published_private_halves_gives_the_published_file(version):
    rows = [json.loads(row) for row in text(version).splitlines()[1:]]
    private = [(row["scope"], row["value"]) for row in rows]
    assert openings.render(CaseKeys(SECRET), private) == text(version).encode()


@pytest.mark.parametrize("version", [1, 2])
def test_check_of_published_openings_finds_nothing(version):
    opened = openings.parse(text(version).encode())
    assert openings.check(opened, certificate(version), lines(version), issued(version)) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"channel":"web"', '"channel":"phone"', "The opening for c/0 is not what was recorded."),
        ('"tag_key":"gHm', '"tag_key":"gHn', "The tag of entry 2 does not belong to the case."),
        ('"kind":"email"', '"kind":"phone"', "The opening for s/0 is not what was recorded."),
        ('"scope":"c/3"', '"scope":"c/99"', "There is no opening for c/3."),
        ('"j-90011"', '"j-90012"', "The opening for i/0/0 is not what was recorded."),
    ],
)
def test_check_of_altered_openings_names_the_first(old, new, problem):
    opened = openings.parse(text(1).replace(old, new, 1).encode())
    assert openings.check(opened, certificate(1), lines(1), issued(1))[0] == problem


def test_check_of_swapped_openings_names_both():
    swapped = text(1).replace("c/5", "c/x").replace('"scope":"c/6"', '"scope":"c/5"')
    opened = openings.parse(swapped.replace('"scope":"c/x"', '"scope":"c/6"').encode())
    assert openings.check(opened, certificate(1), lines(1), issued(1)) == [
        "The opening for c/6 is not what was recorded.",
        "The opening for c/5 is not what was recorded.",
    ]


def test_check_of_an_opening_of_nothing_names_it():
    rows = text(1) + text(2).splitlines()[-1] + "\n"
    found = openings.check(openings.parse(rows.encode()), certificate(1), lines(1), issued(1))
    assert found == ["The opening for c/26 belongs to nothing."]


def test_check_of_the_certificate_entrys_own_opening_accepts_it():
    row = next(row for row in text(2).splitlines() if '"scope":"c/16"' in row)
    opened = openings.parse((text(1) + row + "\n").encode())
    assert openings.check(opened, certificate(1), lines(1), issued(1)) == []


@pytest.mark.parametrize("jobs", [{}, {"genesys-eu": 2, "salesforce": 1}, {"genesys-eu": 1}])
def test_check_of_another_job_count_says_so(jobs):
    value = certificate(1) | {"jobs": jobs}
    found = openings.check(openings.parse(text(1).encode()), value, lines(1), issued(1))
    assert found == ["The number of vendor jobs is not as certified."]


def test_check_of_a_job_count_of_zero_is_as_none():
    value = certificate(1)
    value["jobs"]["other"] = 0
    assert openings.check(openings.parse(text(1).encode()), value, lines(1), issued(1)) == []


def test_check_of_an_identifier_of_another_kind_says_so():
    value = certificate(1)
    value["subject"]["identifiers"][0]["kind"] = "phone"
    found = openings.check(openings.parse(text(1).encode()), value, lines(1), issued(1))
    assert found == ["Identifier 0 is of another kind than certified."]


FIRST = '{"schema":"erasure-openings/v1","tag_key":"' + "A" * 43 + '"}\n'


@pytest.mark.parametrize(
    "given",
    [
        "",
        FIRST[:-1],
        FIRST.replace("v1", "v2"),
        FIRST.replace("tag_key", "tag_kez"),
        FIRST.replace("A" * 43, "A" * 42),
        FIRST.replace("A" * 43, "A" * 42 + "B"),
        FIRST + '{"salt":"","scope":"c/0","value":{}}\n',
        FIRST + '{"salt":1,"scope":"c/0","value":{}}\n',
        FIRST + '{"scope":"c/0","value":{}}\n',
        FIRST + '{"salt":"' + "A" * 43 + '","scope":0,"value":{}}\n',
        FIRST + '{"salt":"' + "A" * 43 + '","scope":"c/0","value":[]}\n',
        FIRST + 2 * ('{"salt":"' + "A" * 43 + '","scope":"c/0","value":{}}\n'),
        FIRST + "[]\n",
        FIRST + "\n",
        "[]\n",
    ],
)
def test_parse_of_malformed_openings_raises(given):
    with pytest.raises(ValueError, match="[a-z]"):
        openings.parse(given.encode())
