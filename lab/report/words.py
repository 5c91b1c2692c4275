"""The page's own words, in both languages."""

from __future__ import annotations

from lab.results import Verdict, Words

WORDS: dict[str, Words] = {
    "title": Words("Informe de pruebas", "Test report"),
    "all": Words("Todas", "All"),
    "filter": Words("Buscar en las pruebas", "Search the tests"),
    "every_requirement": Words("Todos los requisitos", "All requirements"),
    "open_all": Words("Abrir todas", "Open all"),
    "close_all": Words("Cerrar todas", "Close all"),
    "nothing_matches": Words("Ninguna prueba coincide con la búsqueda.", "No test matches the search."),
    "by_requirement": Words("Por requisito", "By requirement"),
    "tests": Words("Pruebas", "Tests"),
    "requirement": Words("Requisito", "Requirement"),
    "result": Words("Resultado", "Result"),
    "phase": Words("Fase", "Phase"),
    "steps": Words("Pasos", "Steps"),
    "expected_result": Words("Resultado esperado", "Expected result"),
    "compared": Words("Lo esperado y lo observado", "Expected and observed"),
    "what": Words("Qué se comparó", "What was compared"),
    "expected": Words("Esperado", "Expected"),
    "observed": Words("Observado", "Observed"),
    "witness": Words("Testigo", "Witness"),
    "look_at": Words("Ver", "See"),
    "journey": Words("Recorrido de la llamada", "Journey of the call"),
    "happened": Words("Ocurrió", "Happened"),
    "forecast": Words("Previsto", "Foretold"),
    "as_forecast": Words("Igual al previsto por la configuración.", "As the configuration foretold."),
    "reproduce": Words("Para repetir el pronóstico", "To repeat the forecast"),
    "copy": Words("Copiar", "Copy"),
    "heard": Words("Lo que se oyó", "What was heard"),
    "heard_by": Words("Oído por", "Heard by"),
    "nothing_recorded": Words("La grabación no contiene sonido.", "The recording holds no sound."),
    "nothing_known": Words("No se reconoció ningún mensaje.", "No known prompt was recognised."),
    "ladder": Words("Mensajes SIP", "SIP messages"),
    "messages": Words("Texto de los mensajes", "Text of the messages"),
    "cdr": Words("Registro de la llamada (CDR)", "Call record (CDR)"),
    "mail": Words("Correo enviado", "Mail sent"),
    "log": Words("Registro de la central", "Log of the PBX"),
    "clock": Words("Hora de la central", "Clock of the PBX"),
    "speed": Words("Velocidad", "Speed"),
    "took": Words("Duración", "Took"),
    "goal": Words("¿Se alcanzó el objetivo?", "Was the goal reached?"),
    "yes": Words("Sí", "Yes"),
    "no": Words("No", "No"),
    "explain": Words("Favor explique", "Please explain"),
    "differences": Words("Diferencias con la configuración entregada", "Differences from the shipped configuration"),
    "differences_intro": Words(
        "Se probó la configuración que se entrega. Solo cambia lo que sigue: direcciones, puertos y claves propios del "
        "laboratorio.",
        "The configuration under test is the shipped one. Only the following differs: addresses, ports and passwords "
        "of the laboratory itself.",
    ),
    "no_differences": Words(
        "Ninguna: se probó exactamente la configuración que se entrega.",
        "None: the configuration under test is exactly the shipped one.",
    ),
    "company": Words("Compañía", "Company"),
    "signatory": Words("Nombre", "Name"),
    "position": Words("Título / Posición", "Title / Position"),
    "date": Words("Fecha", "Date"),
    "signature": Words("Firma", "Signature"),
    "matrix": Words("Matriz de pruebas", "Test matrix"),
    "test": Words("Prueba", "Test"),
    "objective": Words("Objetivo", "Objective"),
    "evidence": Words("Evidencia", "Evidence"),
    "page": Words("Página", "Page"),
    "was_not_run": Words("No se ejecutó", "It was not run"),
    "goal_of_phase": Words("¿Se alcanzó el objetivo de esta fase?", "Was the goal of this phase reached?"),
    "customer": Words("Por el cliente", "For the customer"),
    "provider": Words("Por el proveedor", "For the provider"),
    "acceptance_says": Words(
        "El cliente indica la aceptación de esta fase firmando a continuación.",
        "The customer accepts this phase by signing below.",
    ),
    "acceptance": Words("Aceptación", "Acceptance"),
    "stands_for": Words("Vale también por", "It also stands for"),
    "changes": Words("Qué cambió desde el", "What has changed since"),
    "no_changes": Words(
        "Nada: todas las pruebas terminaron como entonces.", "Nothing: every test ended as it did then."
    ),
    "time_went": Words("En qué se fue el tiempo", "Where the time went"),
    "prepare": Words("preparación", "preparation"),
    "boot": Words("primer arranque", "first boot"),
    "calls": Words("llamadas", "calls"),
    "judging": Words("escucha y juicio", "listening and judging"),
    "by_hand": Words("Veces más rápido que haciendo las llamadas a mano", "Times as fast as calling by hand"),
    "selection": Words("Solo se ejecutaron", "Only these were run"),
    "repeats": Words("Veces que pasó, de las que se ejecutó", "Times it passed, of those it was run"),
    "doubtful": Words(
        "Se hizo dos veces, la segunda sin otras llamadas, porque en la primera a la máquina le faltó tiempo",
        "Played twice, the second time without other calls, since the machine had no time the first time",
    ),
    "drawn": Words("El camino sobre el flujo de llamadas", "The way on the call flow"),
    "how": Words(
        "Cada prueba es una llamada real a una central Asterisk con esta configuración. Se compara lo que dijo la "
        "central, lo que oyó el teléfono y lo que la configuración permitía prever.",
        "Each test is a real call to an Asterisk PBX with this configuration. What the PBX said, what the phone heard "
        "and what the configuration foretold are compared.",
    ),
}

VERDICTS: dict[Verdict, tuple[str, Words, str]] = {
    Verdict.PASSED: ("✓", Words("Superada", "Passed"), "passed"),
    Verdict.FAILED: ("✗", Words("No superada", "Failed"), "failed"),
    Verdict.NOT_RUN: ("–", Words("No ejecutada", "Not run"), "notrun"),
}
"""Sign, word and CSS class of each verdict."""

WITNESSES: dict[str, Words] = {
    "server": Words("la central", "the PBX"),
    "phone": Words("el teléfono", "the phone"),
    "trace": Words("el pronóstico", "the forecast"),
}

_MONTHS = {
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio",
           "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    "en": ("January", "February", "March", "April", "May", "June",
           "July", "August", "September", "October", "November", "December"),
}  # fmt: skip


def date_words(started: str) -> Words:
    """Write an ISO 8601 moment out: ``21 de noviembre de 2026, 10:00``; anything else is left as it is."""
    day, _, time = started.partition("T")
    try:
        year, month, number = (int(part) for part in day.split("-"))
        spanish, english = (_MONTHS[language][month - 1] for language in ("es", "en"))
    except (ValueError, IndexError):
        return Words(started, started)
    clock = f", {time[:5]}" if time else ""
    return Words(f"{number} de {spanish} de {year}{clock}", f"{number} {english} {year}{clock}")


def headline(passed: int, failed: int, not_run: int) -> Words:
    """Say in one sentence how the run ended."""
    total = passed + failed + not_run
    if not total:
        return Words("No hubo pruebas", "There were no tests")
    if failed:
        tests, reached = ("pruebas", "alcanzaron") if failed > 1 else ("prueba", "alcanzó")
        goal = "their goal" if failed > 1 else "its goal"
        return Words(
            f"{failed} {tests} de {total} no {reached} el objetivo",
            f"{failed} of {total} tests did not reach {goal}",
        )
    if not_run:
        return Words(
            f"Sin fallas, pero {not_run} de {total} no se {'ejecutaron' if not_run > 1 else 'ejecutó'}",
            f"No failure, but {not_run} of {total} did not run",
        )
    if total == 1:
        return Words("La prueba alcanzó el objetivo", "The test reached its goal")
    return Words(f"Las {total} pruebas alcanzaron el objetivo", f"All {total} tests reached their goal")
