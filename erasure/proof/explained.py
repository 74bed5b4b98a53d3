"""What each check asks, in plain words, for readers who are no engineers."""

EXPLAINED: dict[str, tuple[str, str]] = {
    "V1": (
        "The PDF is sealed and unchanged",
        "One seal covers every byte of the file, and nothing was added after it. The seal is the "
        "one that the trust file names.",
    ),
    "V2": (
        "The evidence is attached",
        "The files that prove the certificate are inside the PDF, each once, and no others.",
    ),
    "V3": (
        "The facts can be read in one way only",
        "The attached facts are complete, and no second reading of the same bytes is possible.",
    ),
    "V4": (
        "The facts carry the same seal",
        "Not the page alone is sealed: the attached facts have a signature of their own.",
    ),
    "V5": (
        "The pages say what the facts say",
        "Digest, reference, status, date and every count are compared with the facts, on the pages "
        "that people read and in the block that repeats them.",
    ),
    "V6": (
        "The log is the organisation's own",
        "The state of the log was signed with a key that the trust file names.",
    ),
    "V7": (
        "This certificate stands in the log",
        "The log holds the digest of these facts, so they cannot be changed later unnoticed.",
    ),
    "V8": (
        "The entries are the certified ones",
        "The list of all that was recorded in this case has the certified digest and length.",
    ),
    "V9": (
        "The entries stand in the log, unaltered",
        "A proof leads from every entry of this case to the signed state of the log.",
    ),
    "V10": (
        "No event is left out, and the counts follow",
        "Events are numbered without gaps. Status, counts and what is kept are computed anew from "
        "them; every record must have a final outcome and every store an answer or a decision.",
    ),
    "V11": (
        "The dates are in order",
        "No entry is dated after the certificate, well before an earlier one, or before a state "
        "of the log that was kept elsewhere without it.",
    ),
    "V12": (
        "What is hidden is what was recorded",
        "In the authority edition the private half of each entry is opened and compared.",
    ),
    "V13": (
        "It continues the version before",
        "A later version must begin with everything that the earlier one certified.",
    ),
    "V14": (
        "Nothing came later that changes it",
        "A copy of the whole log shows whether an entry or a later version was left out.",
    ),
}
