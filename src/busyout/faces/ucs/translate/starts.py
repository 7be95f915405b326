"""What bodies say of the start and the end of services, states and tasks (pages "Start …" and "End …")."""

from collections.abc import Mapping
from typing import Any, Final

from busyout.domain.context.course import AT_END, FACTS, MAX_CONTACT, MAX_CUSTOMER, MAX_DURATION, MAX_ID, End, Start
from busyout.domain.context.members import number_in, text_in
from busyout.domain.context.moment import moment_of, seconds_of
from busyout.domain.context.names import check_different, shown
from busyout.domain.context.schema import Subject
from busyout.domain.errors import InvalidValue

OWN: Final[Mapping[Subject, frozenset[str]]] = {
    Subject.SERVICE: frozenset({"customer_id", "contact_key", "service_type"}),
    Subject.STATE: frozenset({"state_type"}),
    Subject.TASK: frozenset({"task_type", "state_id"}),
}
"""Members of a start that an end has not, beside `est_duration`."""

FROM, TO = "from", "to"
"""Members of a transition: what is said of the end of one state and of the start of the other."""

RESERVED: Final = frozenset(
    {
        *("service_id", "state_id", "task_id", "est_duration", "started", "completed", "timestamp", FROM, TO),
        *("active_states", "completed_states", "active_tasks", "completed_tasks", "states", "tasks"),
        *FACTS,
        *(member for members in OWN.values() for member in members),
    }
)
"""Members beside which extensions stand, in folded case: no extension of them can be called so."""


def start_of(subject: Subject, document: Mapping[str, Any]) -> Start:
    """The start that a body describes.

    Raises:
        InvalidValue: A member is missing or not what it should be; the message names it.
    """
    kind = document.get(f"{subject.value}_type")
    if kind is None:
        raise InvalidValue(f"{subject.value}_type is mandatory")
    if isinstance(kind, int) and abs(kind) > MAX_ID:
        raise InvalidValue(f"{subject.value}_type is a name or a number of 64 bits")
    is_service = subject is Subject.SERVICE
    customer = text_in(document, "customer_id", MAX_CUSTOMER) if is_service else None
    contact = text_in(document, "contact_key", MAX_CONTACT) if is_service else None
    if is_service and customer is None and contact is None:
        raise InvalidValue("a service is somebody's: customer_id or contact_key is mandatory")
    return Start(
        subject=subject,
        customer=customer,
        contact=contact,
        state=number_in(document, "state_id", MAX_ID) if subject is Subject.TASK else None,
        type=kind,
        est_duration=number_in(document, "est_duration", MAX_DURATION),
        at=_time(document),
        facts=_facts(document, ended=False),
        extensions=_extensions(document, frozenset({"timestamp", "est_duration", *FACTS, *OWN[subject]}) - AT_END),
    )


def end_of(document: Mapping[str, Any]) -> End:
    """The end that a body describes; it may say nothing.

    Raises:
        InvalidValue: A member is not what it should be.
    """
    own = frozenset({"timestamp", *FACTS})
    return End(at=_time(document), facts=_facts(document, ended=True), extensions=_extensions(document, own))


def transition_of(document: Mapping[str, Any]) -> tuple[int, End, Start]:
    """The state that ends, how, and the state that starts; what stands beside `from` and `to` is said of both.

    Raises:
        InvalidValue: One of the two is missing, or a member is not what it should be.
    """
    before, after = _part(document, FROM), _part(document, TO)
    state = number_in(before, "state_id", MAX_ID)
    if state is None:
        raise InvalidValue("state_id under from is mandatory, and a number")
    shared = {name: value for name, value in document.items() if name not in (FROM, TO)}
    ending = {**shared, **{name: value for name, value in before.items() if name != "state_id"}}
    return state, end_of(ending), start_of(Subject.STATE, {**shared, **after})


def has_extensions(document: Mapping[str, object]) -> bool:
    """Whether a body, or a part of a transition, comes with records of extensions."""
    parts = (document, *(part for name in (FROM, TO) if isinstance(part := document.get(name), dict)))
    return any(
        isinstance(value, dict | list) for part in parts for name, value in part.items() if name not in (FROM, TO)
    )


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = document.get(name)
    if not isinstance(part, dict):
        raise InvalidValue(f"{name} is mandatory, and an object")
    return part


def _facts(document: Mapping[str, Any], *, ended: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for name, longest in FACTS.items():
        value = document.get(name)
        if value is None or (name in AT_END and not ended):
            continue
        if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isprintable():
            raise InvalidValue(f"{name} is a text without control characters")
        if len(str(value)) > longest:
            raise InvalidValue(f"{name} is a text of at most {longest} characters")
        facts[name] = value
    return facts


def _extensions(document: Mapping[str, Any], own: frozenset[str]) -> dict[str, Any]:
    """The members that are not its own, by name."""
    others = {name: value for name, value in document.items() if name not in own and value is not None}
    for name, value in others.items():
        if not isinstance(value, dict | list):
            raise InvalidValue(f'there is no member "{shown(name)}" here')
    check_different(others, what="extensions")
    return others


def _time(document: Mapping[str, Any]) -> float | None:
    """When it happened; None where the body does not say."""
    value = document.get("timestamp")
    if value is None:
        return None
    given = moment_of(value) if isinstance(value, str) else None
    if given is None:
        raise InvalidValue("timestamp is a moment, yyyy-MM-ddTHH:mm:ss.SSSZ, of the years 1 to 9999")
    return seconds_of(given)
