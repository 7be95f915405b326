"""The durable engine: carries every started operation to its settled end over crashes. The only importer of DBOS."""

from busyout.durable.operations import DbosOperations, preload
from busyout.durable.slots import SlotTaken

__all__ = ["DbosOperations", "SlotTaken", "preload"]
