"""The requirements a customer reads about, named in his words."""

from __future__ import annotations

from lab.results import Words

REQUIREMENTS: dict[str, Words] = {
    "EXT-1": Words("Usuarios e internos", "Users and extensions"),
    "EXT-2": Words("Plan de llamadas y restricciones", "Calling plan and restrictions"),
    "EXT-3": Words("Buzón de voz con clave", "Voicemail with password"),
    "EXT-4": Words("Desvíos: siempre, ocupado, no contesta, no disponible",
                   "Forwarding: always, busy, no answer, unavailable"),
    "EXT-5": Words("Avisos por correo electrónico", "Notification by e-mail"),
    "EXT-6": Words("Llamada en espera", "Call waiting"),
    "EXT-7": Words("Identidad oculta", "Hidden caller id"),
    "EXT-8": Words("Captura de llamadas", "Call pickup"),
    "EXT-9": Words("Aviso de servicio activo", "Notice that the service is active"),
    "BOOK-1": Words("Agenda compartida", "Shared phone book"),
    "IVR-1": Words("Menús en horario y fuera de horario", "Menus in and out of working hours"),
    "IVR-2": Words("Feriados y excepciones", "Holidays and exceptions"),
    "IVR-3": Words("Destino de cada tecla", "Where each key leads"),
    "IVR-4": Words("Mensaje por tecla y marcado de internos", "Spoken key options and dial by extension"),
    "IVR-5": Words("Audios propios", "The customer's own audio"),
    "QUE-1": Words("Política de la cola", "Queue policy"),
    "QUE-2": Words("Integrantes de la cola", "Queue members"),
    "QUE-3": Words("Timbres por agente", "Rings per agent"),
    "QUE-4": Words("Desborde de la cola", "Queue overflow"),
    "TRAIN-1": Words("Guía para usuarios", "Guide for users"),
    "TRAIN-2": Words("Guía para administradores", "Guide for administrators"),
    "FLOW-1": Words("Entrega de información y plazos", "Exchange of information and deadlines"),
    "POC-1": Words("Licencias de la prueba", "Licences of the proof of concept"),
    "POC-2": Words("Funciones e informes de contact center", "Contact-centre functions and reports"),
    "POC-3": Words("Números de los países de interés", "Numbers of the countries of interest"),
    "POC-4": Words("Fases 1 y 2", "Phases 1 and 2"),
    "POC-5": Words("Calendario de la prueba", "Calendar of the proof of concept"),
    "POC-6": Words("Matriz de pruebas", "Test matrix"),
    "POC-7": Words("Conexión a la red pública y a la central existente",
                   "Connection to the public network and the existing PBX"),
    "POC-8": Words("Teléfonos SIP y Microsoft Teams", "SIP phones and Microsoft Teams"),
    "POC-9": Words("Contactos", "Contacts"),
    "POC-10": Words("Información de red", "Network information"),
    "POC-11": Words("Aceptación firmada", "Signed acceptance"),
    "POC-12": Words("Clic para llamar y registros en línea", "Click to call and records on line"),
    "POC-13": Words("Encuesta de satisfacción", "Satisfaction survey"),
}  # fmt: skip


def requirement_name(identifier: str) -> Words:
    """Name a requirement; one that is not on the list is named by its id."""
    return REQUIREMENTS.get(identifier, Words(identifier, identifier))
