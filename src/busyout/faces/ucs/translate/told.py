"""What answers tell, in the wire's words."""

from busyout import __version__
from busyout.domain.mode import Mode
from busyout.faces.ucs.tally import Tally
from busyout.ports.process import Memory
from busyout.wire.times import timestamp
from busyout.wire.ucs.messages import ServerStatus

KILOBYTE = 1024


def status(mode: Mode, memory: Memory, tally: Tally, now: float) -> ServerStatus:
    """The twelve fields; memory that is allocated but free is what was resident at most and is not now."""
    requests, client_errors, server_errors = tally.today()
    allocated, used = memory.peak // KILOBYTE, memory.resident // KILOBYTE
    return ServerStatus(
        version=__version__,
        system_time=timestamp(now),
        mode=mode.value,
        max_memory=memory.limit // KILOBYTE,
        allocated_memory=allocated,
        free_memory=allocated - used,
        used_memory=used,
        started=timestamp(tally.started),
        last_request=timestamp(tally.last_request),
        request_today=requests,
        client_errors_today=client_errors,
        server_errors_today=server_errors,
    )
