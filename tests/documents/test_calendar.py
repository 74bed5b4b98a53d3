"""A calendar file that other programs read."""

from datetime import UTC, date, datetime

from erasure.documents.calendar import Entry, escaped, folded, render_calendar

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ENTRY = Entry("case-1@example.org", date(2026, 4, 2), "Answer due: ER-2026-ABCDEF",
              "https://erasure.example.org/admin/")  # fmt: skip


def test_calendar_of_one_day_is_one_whole_day():
    assert render_calendar("Erasure: deadlines", [ENTRY], NOW).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Erasure//Deadlines//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Erasure: deadlines",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "BEGIN:VEVENT",
        "UID:case-1@example.org",
        "DTSTAMP:20260302T093000Z",
        "DTSTART;VALUE=DATE:20260402",
        "DTEND;VALUE=DATE:20260403",
        "SUMMARY:Answer due: ER-2026-ABCDEF",
        "URL:https://erasure.example.org/admin/",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_calendar_without_a_day_is_still_a_calendar():
    text = render_calendar("Nothing", [], NOW).decode()
    assert text.count("BEGIN:") == text.count("END:") == 1


def test_text_is_escaped_so_that_it_stays_one_value():
    assert escaped("a; b, c\\d\r\ne") == "a\\; b\\, c\\\\d\\ne"


def test_long_line_is_folded_by_octets_and_unfolds_to_itself():
    line = "SUMMARY:" + "Löschung " * 20
    rows = folded(line).removesuffix(b"\r\n").split(b"\r\n")
    assert max(map(len, rows)) <= 75
    assert all(row.startswith(b" ") for row in rows[1:])
    assert b"".join([rows[0], *(row[1:] for row in rows[1:])]).decode() == line
