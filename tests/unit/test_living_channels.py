"""Which channels are there now, by what an Asterisk tells."""

from __future__ import annotations

from lab.events import Events


def test_a_channel_lives_from_its_first_event_to_its_hangup_under_whatever_name() -> None:
    events = Events()
    for channel in ("PJSIP/a_201-00000001", "PJSIP/a_202-00000002", "Local/601@a-0001;1"):
        events.add({"event": "Newchannel", "channel": channel})
    events.add({"event": "Rename", "channel": "PJSIP/a_202-00000002", "newname": "PJSIP/a_203-00000003"})
    events.add({"event": "Hangup", "channel": "Local/601@a-0001;1"})
    events.add({"event": "SoftHangupRequest", "channel": "PJSIP/a_201-00000001"})
    assert events.living == {"PJSIP/a_201-00000001", "PJSIP/a_203-00000003"}
