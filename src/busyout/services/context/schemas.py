"""Extensions and identification keys: read at once, defined and removed by whoever may."""

from msgspec.structs import replace

from busyout.domain.commands import CreateKey, DeleteExtension, DeleteKey
from busyout.domain.context.definition import checked_extension, checked_key
from busyout.domain.context.errors import DuplicateKeyValues, ExtensionInUse, NameTaken, NoSuchExtension, NoSuchKey
from busyout.domain.context.schema import UNNUMBERED, Extension, IdentificationKey, Schemas, Subject
from busyout.domain.errors import ElementBusy
from busyout.domain.operation import Operation, OperationState
from busyout.domain.operator import Caller
from busyout.services.activities.context.keys import DUPLICATE
from busyout.services.audit import Audit
from busyout.services.context.book import SchemaBook
from busyout.services.context.errands import Errands, check_succeeded


class ContextSchemas:
    """What is defined. Changes need the mode maintenance; the store refuses them otherwise, whoever asks."""

    def __init__(self, book: SchemaBook, errands: Errands, audit: Audit, *, create_in_production: bool) -> None:
        """`create_in_production` lets extensions be added in every mode."""
        self._book = book
        self._create_in_production = create_in_production
        self._errands = errands
        self._audit = audit

    @property
    def schemas(self) -> Schemas:
        """All that is defined, at this moment: hold it over a whole request."""
        return self._book.schemas

    async def refresh(self) -> None:
        """Take in what is defined; in this server at its start, later by others."""
        await self._book.refresh()

    async def add_extension(self, caller: Caller, extension: Extension) -> Extension:
        """Define an extension; returns it as it is kept, with its id.

        Raises:
            InvalidValue: It cannot be defined so.
            NameTaken: The subject has one of that name, in whatever case, perhaps one that is being removed.
            ModeNotAllowed, ModeSwitching: The mode is not maintenance, and the settings ask for that.
        """
        await self._book.refresh()
        wanted = checked_extension(self.schemas, replace(extension, id=UNNUMBERED))
        after = {"kind": wanted.kind.value, "attributes": [attribute.name for attribute in wanted.attributes]}
        audit = self._audit.entry(caller, "extension.add", f"{wanted.subject.value}/{wanted.name}", after=after)
        return await self._book.add(wanted, in_any_mode=self._create_in_production, audit=audit)

    async def remove_extension(self, caller: Caller, subject: Subject, name: str) -> None:
        """Delete an extension with its records, by an operation; returns when it has settled.

        Raises:
            NoSuchExtension: There is none of that name.
            ExtensionInUse: An identification key is on it.
            NoSuchElement: There are no context services.
            OperationFailed: It could not be done; the message says why, such as that the mode is not maintenance.
        """
        await self._book.refresh()
        extension = self.schemas.extension(subject, name)
        if subject is Subject.PROFILE and (keys := self.schemas.keys_of(extension.name)):
            raise ExtensionInUse(f'the identification key "{keys[0].name}" uses the extension "{extension.name}"')
        try:
            operation = await self._errands.start(caller, DeleteExtension(subject, extension.name))
        except ElementBusy as error:
            raise NoSuchExtension(f'"{extension.name}" is being removed') from error
        await self._succeeded(operation)

    async def add_key(self, caller: Caller, key: IdentificationKey) -> IdentificationKey:
        """Define a key over the customers that there are, by an operation; returns it when it can be used.

        Raises:
            InvalidValue: It cannot be defined so.
            NoSuchExtension: The extension that it is on is not there.
            NameTaken: There is one of that name, in whatever case, perhaps one that is being made or removed.
            DuplicateKeyValues: It is unique, and two customers have the same values; nothing is left of it.
            NoSuchElement, OperationFailed: As of `remove_extension`.
        """
        await self._book.refresh()
        wanted = checked_key(self.schemas, replace(key, id=UNNUMBERED))
        command = CreateKey(wanted.name, wanted.attributes, wanted.source, wanted.unique)
        try:
            operation = await self._errands.start(caller, command)
        except ElementBusy as error:
            raise NameTaken(f'the identification key "{wanted.name}" is being made or removed') from error
        await self._succeeded(operation)
        return self.schemas.key(wanted.name)

    async def remove_key(self, caller: Caller, name: str) -> None:
        """Remove a key, by an operation; returns when it has settled.

        Raises:
            NoSuchKey: There is none of that name.
            NoSuchElement, OperationFailed: As of `remove_extension`.
        """
        await self._book.refresh()
        key = self.schemas.key(name)
        try:
            operation = await self._errands.start(caller, DeleteKey(key.name))
        except ElementBusy as error:
            raise NoSuchKey(f'"{key.name}" is being removed') from error
        await self._succeeded(operation)

    async def _succeeded(self, operation: Operation) -> None:
        settled = await self._errands.wait_settled(operation)
        await self._book.refresh()
        if settled.state is not OperationState.SUCCEEDED and any(DUPLICATE in step.notes for step in settled.steps):
            raise DuplicateKeyValues(settled.reason)
        check_succeeded(settled)
