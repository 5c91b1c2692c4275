"""The second Asterisk: simulated phones and carriers, as real SIP user agents.

A phone is an endpoint that registers to the PBX under test; a carrier is an endpoint on an address of its own, known by
the host it is called at. What each does in a call is decided by the lab, which plays it over AGI.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from lab.addresses import AMI_PORT, SIP_PORT, Block
from lab.testbed import first_password, rtp_ports, trunk_names
from pbx.asterisk import names
from pbx.asterisk.text import value
from pbx.lower import Secrets
from pbx.site import Site

AMI_USER: Final = "lab"
MAILBOX_CONTEXT: Final = "phones"
_STATIC: Final = {
    "acl.conf": "",
    "ccss.conf": "[general]\n",
    "cdr.conf": "[general]\nenable=no\n",
    "cel.conf": "[general]\nenable=no\n",
    "features.conf": "[general]\n\n[featuremap]\n\n[applicationmap]\n",
    "http.conf": "[general]\nenabled=no\n",
    "indications.conf": (
        "[general]\ncountry=us\n\n[us]\ndescription=United States\nringcadence=2000,4000\ndial=350+440\n"
        "busy=480+620/500,0/500\nring=440+480/2000,0/4000\ncongestion=480+620/250,0/250\n"
    ),
    "pjproject.conf": "[startup]\ntype=startup\nlog_level=2\n",
    "udptl.conf": "[general]\n",
}
_UNWANTED: Final = ("RTCPSent", "RTCPReceived", "TestEvent")
"""Events of which there are many and nobody asks."""
_MODULES: Final = (
    "res_pjproject res_sorcery_config res_sorcery_memory res_sorcery_astdb {timing} res_speech res_agi "
    "res_rtp_asterisk res_pjsip res_pjsip_session res_pjsip_pubsub res_pjsip_authenticator_digest "
    "res_pjsip_outbound_authenticator_digest res_pjsip_outbound_publish res_pjsip_outbound_registration "
    "res_pjsip_registrar res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_caller_id "
    "res_pjsip_mwi res_pjsip_refer res_pjsip_mwi_body_generator res_pjsip_header_funcs res_pjsip_nat res_pjsip_rfc3326 "
    "res_pjsip_sdp_rtp res_pjsip_logger chan_pjsip chan_bridge_media bridge_simple bridge_softmix bridge_holding "
    "res_srtp codec_ulaw codec_alaw codec_a_mu codec_g722 codec_resample format_wav format_pcm app_dial app_playback "
    "app_mixmonitor app_bridgewait app_senddtmf app_transfer app_stack app_verbose app_echo func_periodic_hook "
    "func_cut func_groupcount func_uri func_callerid func_channel func_logic func_strings func_hangupcause app_chanspy "
    "pbx_config"
)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody at the other end of a call."""

    name: str
    """``extension:201``; by way of a carrier ``trunk:principal`` is called, and ``caller:principal`` calls."""
    tenant: str
    endpoint: str
    """Its endpoint in the second Asterisk."""
    address: str
    tone: int
    """The frequency in hertz by which it is known when it speaks."""

    def __str__(self) -> str:
        return f"{self.tenant} {self.name}"


def cast(site: Site, block: Block) -> dict[tuple[str, str], Party]:
    """Every party by tenant and name."""
    parties: dict[tuple[str, str], Party] = {}
    for slug, scope in site.tenants.items():
        for number in scope.tenant.extensions:
            name, endpoint = f"extension:{number}", names.endpoint(slug, number)
            parties[slug, name] = Party(name, slug, endpoint, block.phones, _tone(len(parties)))
    for index, (slug, trunk) in enumerate(trunk_names(site)):
        name, endpoint = f"trunk:{trunk}", names.trunk(slug, trunk)
        parties[slug, name] = Party(name, slug, endpoint, block.carrier(index), _tone(len(parties)))
        outside = f"caller:{trunk}"
        parties[slug, outside] = Party(outside, slug, endpoint, block.carrier(index), _tone(len(parties)))
    return parties


def _tone(index: int) -> int:
    """Frequencies that no prompt sustains and that lie far enough apart to be told from each other."""
    return 820 + 31 * (index % 80)


def configuration(  # noqa: PLR0913 - everything the files depend on
    site: Site,
    block: Block,
    secrets: Secrets,
    *,
    ami_secret: str,
    agi_port: int,
    timing: str,
    silent: Collection[tuple[str, str]] = (),
) -> dict[str, str]:
    """The files of the second Asterisk; ``agi_port`` 0 makes carriers that answer and echo on their own.

    ``silent`` carriers, by tenant and trunk, are played by somebody else.
    """
    ports = rtp_ports(block, "parties")
    return {
        **common_files(timing),
        "rtp.conf": f"[general]\nrtpstart={ports.first}\nrtpend={ports.last}\n",
        "manager.conf": (
            f"[general]\nenabled=yes\nbindaddr={block.phones}\nport={AMI_PORT}\ndisplayconnects=no\n"
            f"timestampevents=yes\n\n[{AMI_USER}]\nsecret={ami_secret}\ndeny=0.0.0.0/0.0.0.0\n"
            "permit=127.0.0.0/255.0.0.0\nread=call,system\nwrite=call,originate,system\n"
            + "".join(f"eventfilter(action(exclude),name({name}))=\n" for name in _UNWANTED)
        ),
        "extensions.conf": _dialplan(agi_port),
        "pjsip.conf": _pjsip(site, block, secrets, register=agi_port != 0, silent=silent),
    }


def common_files(timing: str) -> dict[str, str]:
    """What every Asterisk of the lab's own has: its modules, with this one for time, and files without a content."""
    modules = "\n".join(f"load={name}.so" for name in _MODULES.format(timing=timing).split())
    return {**_STATIC, "modules.conf": f"[modules]\nautoload=no\n{modules}\n"}


def _dialplan(agi_port: int) -> str:
    # Asterisk would wait for the script to end although the other side has hung up.
    script = "Set(AGIEXITONHANGUP=yes)\n same = n,AGI(agi://127.0.0.1:{port}/{name})"
    answer = script.format(port=agi_port, name="incoming") if agi_port else "Answer()\n same = n,Echo()"
    calling = script.format(port=agi_port, name="${SCRIPT}")
    return (
        "[general]\nstatic=yes\nwriteprotect=yes\n\n[globals]\n\n"
        "; A call that was answered: what the phone hears is recorded before its script begins.\n"
        f"[outgoing]\nexten = s,1,MixMonitor(,r(${{RECORDING}}))\n"
        f" same = n,{calling}\n same = n,Hangup()\n\n"
        f"[incoming]\nexten = _[+a-z0-9].,1,{answer}\n same = n,Hangup()\n"
        f"exten = _[0-9]XX,1,{answer}\n same = n,Hangup()\n"
    )


def _pjsip(site: Site, block: Block, secrets: Secrets, *, register: bool, silent: Collection[tuple[str, str]]) -> str:
    parts = [
        "[global]\ntype=global\nuser_agent=centralita lab\nendpoint_identifier_order=request_uri,username,ip\n",
        f"[phones]\ntype=transport\nprotocol=udp\nbind={block.phones}:{SIP_PORT}\n",
        (
            "[party](!)\ndisallow=all\nallow=alaw,ulaw\ndtmf_mode=rfc4733\ndirect_media=no\nrtp_symmetric=yes\n"
            "context=incoming\ntrust_id_inbound=no\nmoh_passthrough=yes\n"
        ),
    ]
    for slug, scope in site.tenants.items():
        for number in scope.tenant.extensions:
            secret, devices = secrets[first_password(scope, number)], scope.tenant.extensions[number].devices or ()
            phone = _phone(names.endpoint(slug, number), block, secret, register=register)
            # Who has only devices with TLS has the sound encrypted too.
            encrypted = {each.transport for each in devices} == {"tls"}
            parts.append(phone.replace("type=endpoint\n", "type=endpoint\nmedia_encryption=sdes\n", encrypted))
    for index, (slug, name) in enumerate(trunk_names(site)):
        if (slug, name) in silent:
            continue
        trunk = site.tenants[slug].tenant.trunks[name]
        password = value(secrets[str(trunk.password)]) if trunk.password else ""
        parts.append(_carrier(names.trunk(slug, name), block.carrier(index), trunk.username or "", password))
    return "\n".join(parts)


def _phone(endpoint: str, block: Block, secret: str, *, register: bool) -> str:
    pbx = f"{block.pbx}:{SIP_PORT}"
    registration = (
        f"\n[{endpoint}]\ntype=registration\ntransport=phones\noutbound_auth={endpoint}\nserver_uri=sip:{pbx}\n"
        f"client_uri=sip:{endpoint}@{pbx}\ncontact_user={endpoint}\nexpiration=3600\nretry_interval=5\nmax_random_initial_delay=0\n"
        f"line=yes\nendpoint={endpoint}\n"
    )
    return (
        f"[{endpoint}](party)\ntype=endpoint\ntransport=phones\noutbound_auth={endpoint}\nfrom_user={endpoint}\n"
        f"from_domain={block.pbx}\nincoming_mwi_mailbox={endpoint}@{MAILBOX_CONTEXT}\n"
        "\n"
        f"[{endpoint}]\ntype=auth\nauth_type=userpass\nusername={endpoint}\npassword={secret}\n"
        + (registration if register else "")
    )


def _carrier(endpoint: str, address: str, username: str, password: str) -> str:
    # A carrier is known by the host at which it is called: all of them are called from the one address of the PBX.
    account = f"auth={endpoint}\naors={username}\n" if username else ""
    registrar = (
        f"\n[{endpoint}]\ntype=auth\nauth_type=userpass\nusername={username}\npassword={password}\n"
        f"\n[{username}]\ntype=aor\nmax_contacts=1\nremove_existing=yes\n"
        if username
        else ""
    )
    return (
        f"[{endpoint}]\ntype=transport\nprotocol=udp\nbind={address}:{SIP_PORT}\n\n"
        f"[{endpoint}](party)\ntype=endpoint\ntransport={endpoint}\nfrom_domain={address}\n{account}\n"
        f"[{endpoint}]\ntype=identify\nendpoint={endpoint}\n"
        f"match_request_uri=/{address.replace('.', '[.]')}/\n{registrar}"
    )
