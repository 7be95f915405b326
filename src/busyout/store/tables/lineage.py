"""Who inherits from whom: the families of profiles, and the devices that a change of one concerns."""

from sqlalchemy import CTE, BigInteger, Text, bindparam, func, literal_column, select, update

from busyout.domain.errors import InvalidValue, NoSuchProfile
from busyout.domain.profile import MAX_ANCESTORS, MAX_GENERATIONS, MAX_INHERITED, Profile
from busyout.store.database import Connection, Row
from busyout.store.schema_directory import devices, profile_parents, profiles
from busyout.store.seal import Seal
from busyout.store.statement import Statement
from busyout.store.tables.document_content import SealedDocuments


def _line(*, upwards: bool) -> CTE:
    """Ids above or below a profile, each with the generations between them; ends also where the line is a circle."""
    near, far = (profile_parents.c.profile, profile_parents.c.parent)
    if not upwards:
        near, far = far, near
    first = select(far.label("id"), literal_column("1", BigInteger).label("generation")).where(
        near == bindparam("of_id", type_=Text)
    )
    line = first.cte("line", recursive=True)
    further = select(far, line.c.generation + literal_column("1", BigInteger)).join(line, near == line.c.id)
    return line.union(further.where(line.c.generation <= literal_column(str(MAX_GENERATIONS))))


_ABOVE = _line(upwards=True)
_BELOW = _line(upwards=False)

_FIND = Statement(select(profiles).where(profiles.c.id == bindparam("of_id")))
_ANCESTORS = Statement(
    select(_ABOVE.c.id, func.max(_ABOVE.c.generation))
    .group_by(_ABOVE.c.id)
    .order_by(_ABOVE.c.id)
    .limit(MAX_ANCESTORS + 1)
)
_DEPTH_BELOW = Statement(select(func.max(_BELOW.c.generation)))
_OUTDATE = update(devices).values(configured=False, outdated=True)
_OUTDATE_OWN = Statement(_OUTDATE.where(devices.c.config == bindparam("of_id")))
_OUTDATE_BELOW = Statement(_OUTDATE.where(devices.c.config.in_(select(_BELOW.c.id))))


def sealed_profiles(seal: Seal) -> SealedDocuments:
    """The documents of profiles."""
    return SealedDocuments(seal, profiles.c.document)


def find_profile(connection: Connection, documents: SealedDocuments, profile: str) -> Profile | None:
    """One profile; None where there is none of that id."""
    row = connection.first(_FIND, of_id=profile)
    return profile_of_row(documents, row) if row is not None else None


def profile_of_row(documents: SealedDocuments, row: Row) -> Profile:
    """The profile that a row keeps."""
    number, id, _, _, document = row
    return Profile(number, id, documents.read(id, document))


def family(connection: Connection, documents: SealedDocuments, profile: str) -> dict[str, Profile]:
    """A profile and all that it inherits from, by id.

    Raises:
        NoSuchProfile: There is none of that id.
        InvalidValue: They are too many or too large to be laid over each other.
        SealBroken: One of them does not open.
    """
    members: dict[str, Profile] = {}
    size = 0
    for id in (profile, *_ancestors(connection, profile)):
        row = connection.first(_FIND, of_id=id)
        if row is None:
            continue
        document, length = documents.sized(id, row[-1])
        size += length
        if size > MAX_INHERITED:
            raise InvalidValue(f"config {profile} and its parents have more than {MAX_INHERITED} characters")
        members[id] = Profile(row[0], id, document)
    if profile not in members:
        raise NoSuchProfile(f"there is no config {profile!r}")
    return members


def check_lineage(connection: Connection, profile: str) -> None:
    """Let a profile pass whose parents have just been written.

    Raises:
        InvalidValue: It inherits from itself, from too many, or over too many generations.
    """
    above = _ancestors(connection, profile)
    if profile in above:
        raise InvalidValue(f"config {profile} would inherit from itself")
    row = connection.first(_DEPTH_BELOW, of_id=profile)
    depth = max(above.values(), default=0) + ((row[0] or 0) if row is not None else 0)
    if depth > MAX_GENERATIONS:
        raise InvalidValue(f"configs inherit over at most {MAX_GENERATIONS} generations")


def outdate_heirs(connection: Connection, profile: str) -> None:
    """Mark the devices that have a profile, or one that inherits from it."""
    connection.change(_OUTDATE_OWN, of_id=profile)
    connection.change(_OUTDATE_BELOW, of_id=profile)


def _ancestors(connection: Connection, profile: str) -> dict[str, int]:
    """Ids that a profile inherits from, there or not, with the most generations between them."""
    above: dict[str, int] = dict(connection.all(_ANCESTORS, of_id=profile))
    if len(above) > MAX_ANCESTORS:
        raise InvalidValue(f"config {profile} inherits from more than {MAX_ANCESTORS} others")
    return above
