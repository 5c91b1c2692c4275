"""The number plans against Google's libphonenumber, over generated numbers of every type.

Each test prints the share that agrees. A difference is a failure unless it is explained in ``EXPLAINED``, where each
entry names the numbers it is about and says why we know better, or choose otherwise.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType, ShortNumberInfo  # type: ignore[attr-defined]

from pbx.asterisk.patterns import best_match, compare, match_order, matches, overlaps, swallows
from pbx.numberplan import classify, countries, dialled, plan_for
from pbx.numberplan.data import country_data
