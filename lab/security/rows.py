"""The rows about attacks: each of them has the PBX to itself, and tells how often it tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from lab.acts.act import Act, Play
from lab.acts.casting import act
from lab.calls import Lab
from lab.results import Words
from lab.security import fraud, injection, isolation, scanners, strangers, torture
from lab.security.witness import Attack, Findings, Target, attacked
from pbx.site import TenantScope

REQUIREMENT: Final = "POC-10"
"""Who is given addresses and ports may ask what can be reached there."""
ALONE: Final = timedelta(minutes=1)
"""Attacks are played on a PBX of their own, which another clock makes: what they write into its log, and the load they
are, is no other row's trouble."""
SERVICE: Final = Words(
    "Después, una llamada legítima funciona, y ningún ajuste ni registro ha cambiado.",
    "Afterwards a legitimate call works, and no setting and no registration has changed.",
)
HARMLESS: Final = (
    r"pjproject: ",
    r"res_pjsip_pubsub\.c: No registered (publish|subscribe) handler",
    r"res_pjsip_registrar\.c: AOR '.*' not found for endpoint",
    r"res_pjsip_refer\.c: .*(target does not exist|'external_replaces'|invalid Replaces)",
    r"res_pjsip(_sdp_rtp|_session)?\.c: ",
    r"app\.c: No audio available on PJSIP/",
    r"chan_pjsip\.c|func_strings\.c|res_pjsip_diversion\.c",
    r"app_voicemail\.c: Couldn't read username",
)
"""What Asterisk warns of when it is attacked, as it should."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: what is tried, in words, and how."""

    id: str
    requirement: str
    objective: tuple[str, str]
    step: tuple[str, str]
    expected: tuple[str, str]
    attacks: tuple[Attack, ...]
    insider: bool = False
    rings: bool = False
    seconds: float = 30


_ROWS: Final = (
    _Row(
        "security-scanners",
        REQUIREMENT,
        ("Los programas que buscan centrales en internet no hallan nada", "Programs that look for PBXs find nothing"),
        (
            "SIPVicious (svmap, svwar, svcrack) ataca a la central, y a otra dejada abierta a propósito.",
            "SIPVicious (svmap, svwar, svcrack) attacks the PBX, and another one that was left open on purpose.",
        ),
        (
            "En la central no hallan internos ni claves; en la otra hallan todo.",
            "In the PBX they find neither extensions nor passwords; in the other one they find everything.",
        ),
        (scanners.scanned,),
        seconds=60,
    ),
    _Row(
        "security-strangers",
        REQUIREMENT,
        ("Sin contraseña no se llama ni se registra nada", "Without a password nobody calls or registers"),
        (
            "Un extraño llama, se registra, observa y transfiere con nombres de internos y troncales.",
            "A stranger calls, registers, watches and transfers by the names of extensions and trunks.",
        ),
        ("Todo se rechaza y nada suena.", "All of it is refused and nothing rings."),
        (strangers.calls,),
    ),
    _Row(
        "security-accounts",
        REQUIREMENT,
        (
            "Nadie averigua qué cuentas existen ni usa la de otro",
            "Nobody learns which accounts exist or uses another's",
        ),
        (
            "Se prueban cuentas que existen y que no, claves ajenas, y claves que alguien oyó pasar.",
            "Accounts that exist and that do not, others' passwords, and logins that were overheard are tried.",
        ),
        (
            "La respuesta es siempre la misma, y ninguna clave ajena sirve.",
            "The answer is always the same, and no password of another is of use.",
        ),
        (strangers.enumerated, strangers.passwords),
    ),
    _Row(
        "security-malformed",
        REQUIREMENT,
        ("Mensajes SIP malformados no hacen nada", "Malformed SIP does nothing"),
        ("Un extraño envía mensajes que no son SIP.", "A stranger sends messages that are no SIP."),
        ("La central sigue, y responde a lo correcto.", "The PBX goes on, and answers what is correct."),
        (torture.tortured,),
    ),
    _Row(
        "security-injection",
        REQUIREMENT,
        ("Ningún nombre ni número ajeno llega a ejecutarse", "No foreign name or number is ever carried out"),
        (
            "Por una troncal y desde un interno se envían órdenes dentro de nombres, números y encabezados.",
            "By a trunk and from an extension commands are sent within names, numbers and headers.",
        ),
        ("Quedan como texto o se rechazan.", "They remain text or are refused."),
        (injection.injected, torture.tortured_by_carrier),
        insider=True,
    ),
    _Row(
        "security-fraud-trunk",
        "POC-7",
        ("Por las troncales solo se llega a los números propios", "By the trunks only the own numbers are reached"),
        (
            "Desde un operador se llama a internos, códigos, números externos y de otras empresas.",
            "From a carrier extensions, codes, outside numbers and those of other companies are called.",
        ),
        ("Todo se rechaza y nadie paga una llamada.", "All of it is refused and nobody pays for a call."),
        (fraud.by_carrier,),
        insider=True,
    ),
    _Row(
        "security-fraud-extension",
        "EXT-2",
        ("Un interno no llama a lo que su clase rechaza por ningún camino", "No way leads past a class of service"),
        (
            "Se marca de muchas formas, se desvía y se transfiere a números que la clase de cada interno rechaza.",
            "What each class of service refuses is dialled in many ways, set as a forward, and asked as a transfer.",
        ),
        ("Todo se rechaza y nadie paga una llamada.", "All of it is refused and nobody pays for a call."),
        (fraud.by_phone,),
        insider=True,
        rings=True,
    ),
    _Row(
        "security-fraud-menu",
        "IVR-4",
        ("Un menú o una casilla no llevan afuera", "No menu and no mailbox leads outside"),
        (
            "En un menú y en una casilla de voz se marcan números externos y códigos.",
            "Outside numbers and codes are dialled in a menu and in a mailbox.",
        ),
        ("Nadie paga una llamada.", "Nobody pays for a call."),
        (fraud.by_menu,),
        insider=True,
        rings=True,
    ),
)


def _isolated(row_id: str, attack: Attack, objective: tuple[str, str], step: tuple[str, str]) -> _Row:
    """A row in which every other company tries one channel to this one."""
    expected = (
        "Todo se rechaza: ninguna llamada ajena entra, y nada suena en esta empresa.",
        "All of it is refused: no foreign call gets in, and nothing rings at this company.",
    )
    return _Row(f"isolation-{row_id}", REQUIREMENT, objective, step, expected, (attack,), insider=True, rings=True)


_ISOLATION: Final = (
    _isolated(
        "dialling",
        isolation.dialling,
        ("Desde otra empresa no se marca a esta", "From another company this one cannot be dialled"),
        (
            "Desde cada otra empresa se marcan los internos, colas, salas, estacionamientos y códigos de esta.",
            "From each other company this one's extensions, queues, rooms, parking slots and codes are dialled.",
        ),
    ),
    _isolated(
        "pickup",
        isolation.pickup,
        ("Desde otra empresa no se capturan llamadas de esta", "Another company picks up no call of this one"),
        (
            "Mientras suena un interno, desde cada otra empresa se intenta capturar la llamada.",
            "While an extension rings, each other company tries to pick up the call.",
        ),
    ),
    _isolated(
        "lamps",
        isolation.lamps,
        ("Otra empresa no ve quién habla en esta", "Another company does not see who talks in this one"),
        (
            "Desde cada otra empresa se observan los internos de esta, por nombre y por número.",
            "Each other company watches this one's extensions, by name and by number.",
        ),
    ),
    _isolated(
        "voicemail",
        isolation.voicemail,
        ("Otra empresa no abre las casillas de esta", "Another company does not open this one's mailboxes"),
        (
            "Desde cada otra empresa se llama a las casillas de voz de esta.",
            "From each other company this one's mailboxes are called.",
        ),
    ),
    _isolated(
        "transfer",
        isolation.transfer,
        ("Otra empresa no transfiere llamadas a esta", "Another company transfers no call to this one"),
        (
            "Una llamada dentro de cada otra empresa se transfiere a nombres y números de esta.",
            "A call within each other company is transferred to names and numbers of this one.",
        ),
    ),
    _isolated(
        "caller-id",
        isolation.caller_id,
        ("Otra empresa no llama con los números de esta", "Another company does not call with this one's numbers"),
        (
            "Cada otra empresa llama afuera diciendo que los números de esta son suyos.",
            "Each other company calls outside and says that this one's numbers are its own.",
        ),
    ),
    _isolated(
        "registration",
        isolation.registration,
        ("Otra empresa no se registra como esta", "Another company does not register as this one"),
        (
            "Con usuarios y claves de cada otra empresa se intenta registrar un interno de esta.",
            "With users and passwords of each other company one tries to register an extension of this one.",
        ),
    ),
)


def acts(scope: TenantScope, others: Iterable[TenantScope] = ()) -> Iterator[Act]:
    """One row for each kind of attack; a tenant without phones has nothing to attack.

    With ``others`` on the same PBX that have phones to try it with, also those about isolation.
    """
    if not scope.tenant.extensions:
        return
    neighbours = any(each.tenant.extensions for each in others)
    for row in (*_ROWS, *(_ISOLATION if neighbours else ())):
        made = act(
            scope,
            row.id,
            row.requirement,
            row.objective,
            steps=[row.step],
            expected=[row.expected, (SERVICE.es, SERVICE.en)],
            play=play(*row.attacks, insider=row.insider, rings=row.rings),
            touched=["pbx"],
            seconds=row.seconds,
        )
        yield replace(made, at=made.at + ALONE)


def play(*attacks: Attack, insider: bool = False, rings: bool = False) -> Play:
    """The play of a row that attacks."""

    async def all_of(target: Target) -> Findings:
        findings = Findings()
        for attack in attacks:
            found = await attack(target)
            findings.attempts += found.attempts
            findings.checks += found.checks
            findings.slowest = max(findings.slowest, found.slowest)
        return findings

    def played(lab: Lab) -> None:
        for pattern in HARMLESS:
            lab.expect_log(pattern)
        findings = lab.run(attacked(Target(lab.stage, lab.scope), all_of, insider=insider, rings=rings))
        subject = Words("Intentos hostiles en total", "Hostile attempts in all")
        findings.add(subject, str(findings.attempts), [], attempts=0)
        lab.journal.checks += findings.checks

    return played
