"""Applications and functions that lead nowhere and name nothing that a build must hold."""

from __future__ import annotations

from typing import Final

PLAIN_APPLICATIONS: Final = frozenset(
    """
    answer backgrounddetect busy celgenuserevent chanspy congestion continuewhile dbdeltree
    dumpchan echo endwhile exitwhile extenspy forkcdr hangup incomplete log milliwatt minivmnotify noop
    playtones proceeding progress raiseexception readexten record resetcdr return ringing sayalpha saydigits
    saynumber sayphonetic sayunixtime senddtmf sendtext softhangup stackpop stopmixmonitor
    stopmusiconhold stopplaytones transfer userevent verbose wait waitdigit waitforsilence waituntil while
    """.split()  # noqa: SIM905 - a list of 100 words reads best as words
)
"""In small letters."""

PLAIN_FUNCTIONS: Final = frozenset(
    """
    ARRAY BASE64_DECODE BASE64_ENCODE CALLCOMPLETION CALLERID CDR CHANNEL CHANNELS CHANNEL_EXISTS
    CONFBRIDGE CONFBRIDGE_CHANNELS CONFBRIDGE_INFO CONNECTEDLINE CSV_QUOTE CUT DB DB_DELETE DB_EXISTS DB_KEYCOUNT
    DB_KEYS DEC DIALGROUP EVAL EVAL_EXTEN EXCEPTION FIELDNUM FIELDQTY FILTER GLOBAL GROUP GROUP_COUNT GROUP_LIST
    GROUP_MATCH_COUNT HANGUPCAUSE HANGUPCAUSE_KEYS HASH HASHKEYS IF IFTIME IMPORT INC ISNULL KEYPADHASH LEN
    LISTFILTER LOCAL LOCAL_PEEK LTRIM MASTER_CHANNEL MATH MAX MD5 MIN PASSTHRU PERIODIC_HOOK PJSIP_CONTACT
    PJSIP_HEADER PJSIP_HEADERS PJSIP_HEADER_PARAM PJSIP_MEDIA_OFFER PJSIP_MOH_PASSTHROUGH PJSIP_PARSE_URI
    PJSIP_SEND_SESSION_REFRESH POP PRESENCE_STATE PUSH QUOTE RAND REALTIME REDIRECTING REGEX REPLACE RTRIM SET SHA1
    SHARED SHIFT SORT SPRINTF STACK_PEEK STAT STRBETWEEN STRFTIME STRPTIME STRREPLACE TALK_DETECT TESTTIME TIMEOUT
    TOLOWER TOUPPER TRIM UNSHIFT URIDECODE URIENCODE VOLUME
    """.split()  # noqa: SIM905 - a list of 100 words reads best as words
)
"""As they are spelled."""
