"""The engine's log: one JSON object a line, an event name and fields, in two files of bounded size."""

import json
import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from busyout.drivers.proxy.home import LOG

MAX_BYTES = 1_000_000


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {})
        entry = {"at": round(record.created, 3), "level": record.levelname.lower(), "event": record.getMessage()}
        if record.exc_info:
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps({**entry, **fields}, ensure_ascii=False)


def open_log(home: Path) -> logging.Logger:
    """The log of this process; what asyncio has to say goes there too."""
    handler = RotatingFileHandler(home / LOG, maxBytes=MAX_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(_Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    return logging.getLogger("busyout.proxy")
