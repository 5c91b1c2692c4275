"""The one table of everything that can be wrong.

Ranges: 0xx source · 1xx shape · 2xx numbers · 3xx references · 4xx call flow · 5xx safety and isolation · 6xx target ·
7xx apply · 8xx lab · 900 us. A code is never reused and never changes its meaning: customers' ``ignore:`` lists and
reports name them. Each has a page ``docs/PBXnnn.md``, which is also its test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Severity = Literal["error", "warning"]
Provocation = Literal["page", "runtime"]


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of mistake."""

    id: str
    """``PBX`` and three digits."""
    slug: str
    """A name one can remember, for example ``unknown-destination``."""
    severity: Severity
    title: str
    """What it is about, as a heading."""
    provocation: Provocation = "page"
    """``page``: the YAML of its page provokes it. ``runtime``: it needs a running machine, so a test elsewhere does."""


_TABLE = (
    Code("PBX001", "unreadable-file", "error", "The file is not readable as text"),
    Code("PBX002", "broken-yaml", "error", "The YAML is broken"),
    Code("PBX003", "duplicate-key", "error", "A key is written twice"),
    Code("PBX004", "anchor-or-alias", "error", "An anchor (&) or an alias (*)"),
    Code("PBX005", "tag", "error", "A tag (!)"),
    Code("PBX006", "merge-key", "error", "A merge key (<<)"),
    Code("PBX007", "several-documents", "error", "More than one document in a file"),
    Code("PBX008", "key-is-not-text", "error", "A key is not text"),
    Code("PBX009", "empty-file", "error", "The file is empty"),
    Code("PBX010", "too-large-or-too-deep", "error", "The file is too large or nested too deep"),
    Code("PBX011", "no-site", "error", "The folder is not a site", provocation="runtime"),
    Code("PBX012", "missing-list", "error", "A list that is not in the tenant's folder"),
    Code("PBX013", "broken-list", "error", "A list whose quotation marks do not match"),
    Code("PBX014", "cell-without-heading", "error", "A cell of a list that stands under no heading"),
    Code("PBX015", "spoiled-number", "error", "A number that a spreadsheet has spoiled"),
    Code("PBX016", "formula", "error", "A formula in a list"),
    Code("PBX101", "unknown-key", "error", "A key that the language does not have"),
    Code("PBX102", "missing-key", "error", "A key is missing"),
    Code("PBX103", "wrong-value", "error", "A value that does not belong here"),
    Code("PBX104", "bad-short-name", "error", "A short name that is not one"),
    Code("PBX105", "bad-digits", "error", "A number with other characters than its digits, or of another length"),
    Code("PBX106", "bad-phone-number", "error", "A phone number that is not in international form"),
    Code("PBX107", "bad-feature-code", "error", "A feature code that cannot be dialled"),
    Code("PBX108", "bad-pin", "error", "A PIN that is not four to ten digits"),
    Code("PBX109", "not-compiled-yet", "error", "A part of the language that this version does not compile yet"),
    Code("PBX110", "bad-host", "error", "A host that is neither a name nor an address"),
    Code("PBX111", "bad-email", "error", "An e-mail address that mail would not reach"),
    Code("PBX112", "bad-name", "error", "A name that is empty, cannot be shown, is too long or not on one line"),
    Code("PBX113", "bad-duration", "error", "A length of time without its unit"),
    Code("PBX114", "bad-whole-number", "error", "A whole number outside its bounds"),
    Code("PBX115", "bad-range", "error", "A range that is not one"),
    Code("PBX116", "bad-time", "error", "Hours or weekdays that cannot be understood"),
    Code("PBX117", "bad-date", "error", "A date that does not exist"),
    Code("PBX118", "unknown-time-zone", "error", "A time zone that does not exist"),
    Code("PBX119", "written-password", "error", "A password written in the YAML"),
    Code("PBX120", "bad-destination", "error", "A destination that is not spelled kind:id"),
    Code("PBX121", "bad-prompt", "error", "A prompt that says nothing"),
    Code("PBX122", "unknown-calendar", "error", "A holiday calendar that does not exist"),
    Code("PBX123", "bad-key", "error", "A key that telephones do not have"),
    Code("PBX124", "half-a-login", "error", "A trunk with a username or a password, but not both"),
    Code("PBX125", "emergency-is-always-allowed", "error", "A class of service that speaks of emergency calls"),
    Code("PBX126", "unknown-number-plan", "error", "A country or an area code without number plan"),
    Code("PBX127", "tenant-and-file-differ", "error", "The file and the tenant have different names"),
    Code("PBX128", "idle-ignore", "warning", "An ignored rule that nothing here breaks"),
    Code("PBX129", "unknown-column", "error", "A column that a list does not have"),
    Code("PBX130", "duplicate-column", "error", "A column that is there twice"),
    Code("PBX131", "missing-column", "error", "A list without a column that it needs"),
    Code("PBX132", "row-without-number", "error", "A row of a list without its number"),
    Code("PBX133", "bad-list-name", "error", "A list whose name is not that of a file in the tenant's folder"),
    Code("PBX134", "bad-speed-dial", "error", "A speed dial that is not one to four digits"),
    Code("PBX201", "outside-its-range", "error", "A number outside its range"),
    Code("PBX202", "duplicate-number", "error", "A number is given twice"),
    Code("PBX203", "swallowed-code", "error", "A feature code that another code takes first"),
    Code("PBX204", "emergency-number-taken", "error", "An internal number that is an emergency number"),
    Code("PBX205", "hidden-outside-number", "warning", "An internal number that hides an outside one"),
    Code("PBX206", "uncallable-number", "error", "A phone number that nobody can have"),
    Code("PBX207", "listed-twice", "error", "A number that a list gives twice"),
    Code("PBX208", "unknown-way-to-dial", "error", "A phone number as nobody dials it"),
    Code("PBX209", "duplicate-speed-dial", "error", "A speed dial given twice"),
    Code("PBX301", "unknown-destination", "error", "A destination that does not exist"),
    Code("PBX302", "missing-recording", "error", "A recording that is not in the tenant's folder"),
    Code("PBX303", "unknown-sound", "error", "A sound that Asterisk does not have"),
    Code("PBX304", "no-mailbox", "error", "A forward to the own voicemail without a mailbox"),
    Code("PBX305", "no-mail-address", "error", "Messages by mail without an address"),
    Code("PBX306", "unknown-trunk", "error", "A trunk that does not exist"),
    Code("PBX307", "unknown-class-of-service", "error", "A class of service that does not exist"),
    Code("PBX308", "unknown-profile", "error", "A profile that does not exist"),
    Code("PBX309", "foreign-number", "error", "A shown number that is not the tenant's"),
    Code("PBX310", "public-vpn", "error", "A VPN trunk with a public address"),
    Code("PBX311", "extensions-of-no-pbx", "error", "Numbers behind a trunk that is no PBX"),
    Code("PBX312", "overlapping-numbers", "error", "Numbers that two PBXs have"),
    Code("PBX313", "emergency-number-behind-trunk", "warning", "An emergency number behind a trunk"),
    Code("PBX314", "shared-address", "error", "Two trunks known by one address"),
    Code("PBX401", "overlapping-hours", "error", "Opening hours that overlap"),
    Code("PBX402", "no-such-holiday", "warning", "A removed holiday that is none"),
    Code("PBX403", "day-outside-calendar", "warning", "A day outside the calendar's years"),
    Code("PBX404", "key-and-extension", "warning", "A menu key with which an extension begins"),
    Code("PBX405", "empty-queue", "warning", "A queue without members"),
    Code("PBX406", "member-twice", "error", "A member named twice in a queue"),
    Code("PBX407", "endless-loop", "error", "Calls that go round for ever"),
    Code("PBX408", "unreachable", "warning", "A place that no call reaches"),
    Code("PBX410", "empty-group", "warning", "A ring group or a page without members"),
    Code("PBX411", "member-of-a-group-twice", "error", "A member named twice in a ring group or a page"),
    Code("PBX412", "open-conference", "warning", "A conference that anybody can enter from outside"),
    Code("PBX413", "not-in-the-directory", "warning", "A name that cannot be spelled on a telephone"),
    Code("PBX430", "shares-drift", "warning", "Shares of calls that are not kept while an agent is away"),
    Code("PBX431", "percentages-and-policy", "error", "Percentages without the policy weighted, or that without them"),
    Code("PBX432", "not-a-hundred", "error", "Percentages that do not add up to 100"),
    Code(
        "PBX433", "wait-shorter-than-ringing", "warning", "A queue that ends the wait before the first agent has rung"
    ),
    Code("PBX434", "internal-agent", "warning", "An agent for internal calls in a queue that is called from outside"),
    Code("PBX440", "dead-key", "warning", "A menu key that leads to nobody"),
    Code("PBX441", "nobody-to-reach", "warning", "A number whose callers can reach nobody"),
    Code("PBX442", "closed-whenever-reached", "warning", "A schedule that is never open when calls come to it"),
    Code("PBX443", "never-open", "warning", "Opening hours that never come"),
    Code("PBX444", "idle-holiday", "warning", "A holiday that never falls on an open day"),
    Code("PBX445", "unanswered", "warning", "A number that has no way to go at some time"),
    Code("PBX446", "refused-from-outside", "warning", "Calls from outside led to a phone for internal calls"),
    Code("PBX447", "long-forward-chain", "warning", "Forwards from one person to the next, too many in a row"),
    Code("PBX448", "forward-to-nobody", "warning", "A forward to where calls end"),
    Code("PBX449", "branch-never-taken", "warning", "A way for holidays where none are known"),
    Code("PBX450", "key-to-its-own-menu", "warning", "A menu key that leads back to its own menu"),
    Code("PBX451", "menu-without-way-out", "warning", "A menu that no key leads out of"),
    Code("PBX452", "group-never-rings", "warning", "A ring group that is silent for calls from outside"),
    Code("PBX453", "unread-mailbox", "warning", "A mailbox that nobody empties"),
    Code("PBX501", "forward-not-allowed", "error", "A forward to a number the extension may not call"),
    Code("PBX502", "no-emergency-route", "error", "Emergency calls have no way out"),
    Code("PBX503", "class-without-route", "warning", "A class of service allows calls that no route carries"),
    Code("PBX504", "no-route", "error", "An outside destination that no route carries"),
    Code("PBX505", "no-number-to-show", "error", "Outside calls without a number to show"),
    Code("PBX520", "class-stepped-around", "warning", "A forward that leads where the class of service does not"),
    Code("PBX521", "begins-like-emergency", "warning", "A number that begins as an emergency number does"),
    Code("PBX510", "private-network-unknown", "error", "A private trunk behind a public address"),
    Code("PBX511", "tls-without-certificate", "error", "A device with TLS on a platform without"),
    Code("PBX512", "unusable-certificate", "error", "A certificate or key that cannot be used", provocation="runtime"),
    Code(
        "PBX513",
        "expiring-certificate",
        "warning",
        "A certificate that has expired or will soon",
        provocation="runtime",
    ),
    Code("PBX315", "device-twice", "error", "Two devices with one name"),
    Code("PBX601", "missing-password", "error", "A password that cannot be found", provocation="runtime"),
    Code("PBX602", "unspoken-text", "error", "A text that could not be spoken", provocation="runtime"),
    Code("PBX603", "unplayable-recording", "error", "A recording that cannot be played", provocation="runtime"),
    Code("PBX604", "poor-recording", "warning", "A recording of poor quality", provocation="runtime"),
    Code("PBX611", "lost-jump", "error", "The build jumps to nowhere", provocation="runtime"),
    Code("PBX612", "missing-object", "error", "The build names what is not there", provocation="runtime"),
    Code(
        "PBX613", "missing-application", "error", "The build uses what Asterisk would not have", provocation="runtime"
    ),
    Code("PBX614", "built-twice", "error", "The build has something twice", provocation="runtime"),
    Code("PBX615", "unread-line", "error", "The build has a line that is not understood", provocation="runtime"),
    Code("PBX616", "too-long-for-asterisk", "error", "The build has something too long", provocation="runtime"),
    Code("PBX621", "open-secrets", "warning", "Passwords that others could read", provocation="runtime"),
    Code("PBX630", "boot-complaint", "error", "The build makes Asterisk complain", provocation="runtime"),
    Code("PBX631", "boot-difference", "error", "The build is not what Asterisk has", provocation="runtime"),
    Code("PBX820", "too-many-licences", "error", "More licences than a proof of concept has"),
    Code("PBX821", "nothing-expected", "error", "A row that expects nothing, or two ends of one call"),
    Code("PBX822", "more-people-than-licences", "warning", "More extensions than licences"),
    Code("PBX823", "more-numbers-than-tried", "warning", "More numbers than a proof of concept has"),
    Code("PBX824", "unknown-in-a-row", "error", "A row that names what is not there"),
    Code("PBX825", "row-against-tenant", "warning", "A row that expects something else than the tenant does"),
    Code("PBX900", "our-mistake", "error", "A mistake of this program", provocation="runtime"),
)

CODES: Mapping[str, Code] = {code.id: code for code in _TABLE}
"""Every code by its id."""
