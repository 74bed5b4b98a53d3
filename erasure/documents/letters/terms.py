"""Categories, articles and ways to prove an identity, in words of the catalogue."""

from erasure.documents.letters.facts import EXCESSIVE, NO_GROUND, UNIDENTIFIED, Category
from erasure.documents.letters.speech import mark
from erasure.values import Exemption, VerificationMethod

C, X, V = Category, Exemption, VerificationMethod

CATEGORY = {
    C.CONTACT: mark("contact details and customer profile"),
    C.ACCOUNT: mark("user accounts and registrations"),
    C.CONVERSATIONS: mark("details of conversations (time, duration, parties)"),
    C.CALLS: mark("recordings of telephone calls"),
    C.SCREENS: mark("screen recordings"),
    C.VOICEMAIL: mark("voicemail messages"),
    C.MESSAGES: mark("chats and messages"),
    C.EMAILS: mark("e-mails and their attachments"),
    C.ANALYSES: mark("transcripts, summaries and analyses of conversations"),
    C.QUALITY: mark("quality evaluations of conversations"),
    C.SURVEYS: mark("answers to surveys"),
    C.CAMPAIGNS: mark("entries in campaign lists"),
    C.NO_CONTACT: mark("entries in do-not-contact lists"),
    C.VISITS: mark("records of visits to our website"),
    C.ENQUIRIES: mark("enquiries and service requests"),
    C.NOTES: mark("notes and comments"),
    C.FILES: mark("files and attachments"),
    C.RELATIONS: mark("links between your records and other records"),
    C.HISTORY: mark("histories of changes"),
    C.COPIES: mark("exported copies"),
    C.OTHER: mark("other records"),
}
ARTICLE = {
    X.EXPRESSION: mark(
        "Art. 17(3)(a) GDPR: the processing is necessary for exercising the right of freedom of "
        "expression and information."
    ),
    X.LEGAL_OBLIGATION: mark(
        "Art. 17(3)(b) GDPR: the processing is necessary for compliance with a legal obligation "
        "to which we are subject, or for the performance of a task carried out in the public "
        "interest."
    ),
    X.PUBLIC_HEALTH: mark(
        "Art. 17(3)(c) GDPR: the processing is necessary for reasons of public interest in the "
        "area of public health."
    ),
    X.ARCHIVING: mark(
        "Art. 17(3)(d) GDPR: the processing is necessary for archiving purposes in the public "
        "interest, scientific or historical research purposes or statistical purposes."
    ),
    X.LEGAL_CLAIMS: mark(
        "Art. 17(3)(e) GDPR: the processing is necessary for the establishment, exercise or "
        "defence of legal claims."
    ),
}
REFUSAL = {
    NO_GROUND: mark(
        "Art. 17(1) GDPR: none of the grounds on which personal data must be erased applies."
    ),
    EXCESSIVE: mark("Art. 12(5)(b) GDPR: the request is manifestly unfounded or excessive."),
    UNIDENTIFIED: mark(
        "Art. 11(2) and Art. 12(2) GDPR: we are not in a position to identify the person concerned."
    ),
    **{str(article): text for article, text in ARTICLE.items()},
}
UNANSWERED = mark(  # the reason of a notice that nobody words by hand
    "We asked for information to confirm the identity of the person and received none that was "
    "sufficient."
)
OPTION = {
    V.PORTAL: mark("Sign in to your customer account and repeat your request there."),
    V.LINK_ON_FILE: mark(
        "Ask us to send a link or a code to an e-mail address or telephone number that we had on "
        "file for you before your request."
    ),
    V.CALL_BACK: mark(
        "Ask us to call you back on a telephone number that we had on file for you before your "
        "request."
    ),
    V.KNOWLEDGE: mark("Answer a few questions about your dealings with us."),
    V.ELECTRONIC_ID: mark("Use the electronic identity of your country."),
    V.ID_SHOWN: mark("Show us an identity document; we make no copy of it."),
    V.ID_COPY: mark(
        "Only if none of this is possible for you: send us a copy of an identity document in "
        "which you have blacked out what we do not need."
    ),
}
