"""The path of a command: load, check access, decide, append.

A command is never silently ignored: it records events or raises. No refusal and no stale version leaves here before
the command id was looked up, so the retry of a recorded act gets its receipt even when the act would be refused today.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from application.access import check_sees, may_change
from application.cases import Case, Cases
from application.errors import NotFound, PreconditionMissing, Stale, Unavailable
from application.ports import Clock, Codec, Ledger
from application.records import Append, Caller, Claim, Envelope, Receipt, Recorded, moment
from domain.catalogue import Catalogue
from domain.demands import functions_of, needs_history
from domain.dossier.acts import CorrectEntry, RetractEntry
from domain.dossier.correction_acts import ApproveCorrection, CorrectionProposed, ProposeCorrection
from domain.history import Decision, Folded, decide, decide_within, effective, in_order
from domain.kernel import SYSTEM, Actor, Claims, Command, Context, Entry, Kind, Nothing, Opening, Other, Refused, Restating
from domain.profiles import Law

NONE: Claims = frozenset()

RESTATED_BY = (CorrectEntry, ProposeCorrection, ApproveCorrection)
"""The commands for which an entry is opened and stated anew."""

CHANGED_BY = (CorrectEntry, RetractEntry, ApproveCorrection)
"""The commands with which an entry reads otherwise, or stands no more. A proposal changes nothing yet."""

ATTEMPTS = 50
"""How often a command decided on the head is decided again when the head moves under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command as a caller gives it.

    ``case_id`` is the case, or a new id for an opening. ``expected`` is the version the caller decided on, None where it
    did not say. ``command_id`` and ``fingerprint`` identify a repeat, see ``application.records.Append``.
    """

    actor: Actor
    kind: Kind | None
    case_id: UUID
    command: Command
    expected: int | None
    command_id: bytes
    fingerprint: bytes
    correlation_id: str | None = None
    causation: str | None = None


@dataclass(frozen=True, slots=True)
class Executor:
    """Everything the path of a command needs from the world."""

    catalogue: Catalogue
    ledger: Ledger
    codec: Codec
    cases: Cases
    clock: Clock
    software: str
    law: Law

    async def execute(self, call: Call) -> Receipt:
        """Record the command and answer its receipt; a repeat gets the first one.

        Raises Refused, NotAllowed, NotFound, PreconditionMissing, Stale, KeyReused, ClaimTaken, Invalid, Unavailable.
        """
        fresh = False
        for _ in range(ATTEMPTS):
            case = await self._case(call)
            try:
                return await self._attempt(call, case)
            except Stale as stale:
                self._forget(call)
                if call.expected is not None and not await self._only_system_since(call, await self._case(call)):
                    # Not the version decided on, which the system may have moved: what the caller has not seen begins here.
                    raise Stale(call.case_id, call.expected, stale.actual) from None
            except Refused as no:
                if fresh:
                    return await self._repeated(call, no)
                fresh = True  # another process may have moved what this one remembers: refuse on nothing but the ledger
                self._forget(call)
        raise Unavailable("the case keeps moving; send the command again with the same key")

    def _forget(self, call: Call) -> None:
        """Drop what is remembered of the case and of the streams the command refers to."""
        for case_id in (call.case_id, *call.command.refers_to()):
            self.cases.forget(case_id)

    async def _case(self, call: Call) -> Case:
        """The case to decide on, fresh enough for the version the caller names; checked for access."""
        if call.kind is not None and isinstance(call.command, Opening):
            return Case(call.case_id, call.kind, 0, Folded(Nothing(), self.catalogue.shared.empty))
        case = self.cases.remembered(call.case_id)
        if case is None or (call.expected is not None and call.expected != case.version):
            case = await asyncio.to_thread(self.cases.load, call.case_id)
        if call.kind is not None and case.kind is not call.kind:
            raise NotFound("case")
        check_sees(call.actor, case)
        return case

    async def _attempt(self, call: Call, case: Case) -> Receipt:
        """Decide on this case and append."""
        opening = isinstance(case.folded.stage, Nothing)
        if call.expected is None and not opening and type(call.command) not in case.kind.on_the_head:
            raise PreconditionMissing
        if call.expected is not None and call.expected != case.version and not await self._only_system_since(call, case):
            return await self._repeated(call, Stale(case.id, call.expected, case.version))
        now = moment(self.clock())
        decision = await self._decide(call, case, now)
        if self.codec.at_hand(case.id, case.version, decision.events):
            request = self._request(call, case, decision, now)
        else:
            request = await asyncio.to_thread(self._request, call, case, decision, now)
        return await self.ledger.append(request)

    async def _only_system_since(self, call: Call, case: Case) -> bool:
        """Whether all that was recorded since the version the caller decided on is the system's own.

        A form does not go stale because the scheduler recorded a warning meanwhile: the command is decided on the head. What
        the system itself gives is worked out anew instead.
        """
        if call.expected is None or not 0 < call.expected < case.version or call.actor.role == SYSTEM:
            return False
        since = await asyncio.to_thread(self.ledger.load, case.id, call.expected, case.version)
        return len(since) == case.version - call.expected and all(self.codec.envelope(r).actor.role == SYSTEM for r in since)

    async def _decide(self, call: Call, case: Case, now: datetime) -> Decision:
        """Ask the rule: on the folded case where the act simply follows, else within the whole history."""
        context = Context(
            now=now, actor=call.actor, case_id=case.id,
            profile=self.law.installed.get(case.profile), law=self.law, version=case.version, dossier=case.folded.dossier,
            others=await self._others(call.command),
        )  # fmt: skip
        kind, shared, target = case.kind, self.catalogue.shared, getattr(call.command, "target", None)
        if target is None and not needs_history(kind, call.command, context) and in_order(case.folded, call.command):
            return decide(kind, shared, case.folded, call.command, context)
        history = await asyncio.to_thread(self.ledger.load, case.id, 0, case.version)
        return await asyncio.to_thread(self._decide_within, call.command, case, history, context)

    def _decide_within(self, command: Command, case: Case, history: list[Recorded], context: Context) -> Decision:
        """Decide a late entry, a correction or a retraction. Blocks: it opens and folds the whole history."""
        entries = self.cases.entries(history)
        target = getattr(command, "target", None)
        if target is not None:
            if isinstance(command, CHANGED_BY):
                self._check_functions(case.kind, target, history, context)
            context = self._with_target(command, target, history, entries, context)
        return decide_within(case.kind, self.catalogue.shared, entries, command, context)

    def _check_functions(self, kind: Kind, target: int, history: list[Recorded], context: Context) -> None:
        """Refuse whoever could not have given the command that recorded an entry to change the entry. Raises NotAllowed."""
        names = (self.codec.envelope(row).command for row in history if row.version == target)
        given = next((self.catalogue.commands.get(name) for name in names), None)
        if given is not None:
            may_change(context.actor, functions_of(kind, given, context))

    def _with_target(
        self, command: Command, target: int, history: list[Recorded], entries: list[Entry], context: Context
    ) -> Context:
        """The context with the standing entry a command names and that entry as it is to be, if it is to be restated."""
        standing = next((e for e in effective(entries) if e.version == target), None)
        if standing is None or isinstance(standing.event, Restating) or not isinstance(command, RESTATED_BY):
            return replace(context, target=standing)
        rows = [
            row for row, entry in zip(history, entries, strict=True)
            if row.version == target or (isinstance(entry.event, Restating) and entry.event.target == target)
        ]  # fmt: skip
        stated = next(row for row in reversed(rows) if row.type != CorrectionProposed.type)
        if not isinstance(command, ApproveCorrection):
            clear, restated = self.codec.restate(stated, command.changes)
            return replace(context, target=standing._replace(event=clear), restated=restated)
        clear, _ = self.codec.restate(stated, {})
        outdated = rows[-1].type != CorrectionProposed.type  # the entry was corrected since, or its retraction is proposed
        proposed = None if outdated else self.codec.restate(rows[-1], {})[0]
        return replace(context, target=standing._replace(event=clear), restated=proposed)

    async def _others(self, command: Command) -> Mapping[UUID, Other]:
        """The streams a command refers to, as far as they exist."""
        wanted = command.refers_to()
        found: dict[UUID, Other] = {}
        for other_id in wanted:
            other = self.cases.remembered(other_id) or await asyncio.to_thread(self._other, other_id)
            if other is not None:
                found[other_id] = Other(other.kind.name, other.folded.stage, other.folded.dossier, other.version)
        return found

    def _other(self, case_id: UUID) -> Case | None:
        """Another stream, None if there is none. Blocks."""
        try:
            return self.cases.load(case_id)
        except NotFound:
            return None

    async def _repeated(self, call: Call, otherwise: Exception) -> Receipt:
        """The receipt of an earlier sending of this command, or the error it would get today."""
        receipt = await asyncio.to_thread(self.ledger.receipt, call.command_id, call.fingerprint)
        if receipt is None:
            raise otherwise
        return receipt

    def _request(self, call: Call, case: Case, decision: Decision, now: datetime) -> Append:
        """The decided command as the ledger takes it, claims taken and freed included."""
        actor = call.actor
        envelope = Envelope(
            actor=Caller(actor.id, actor.role, actor.unit, actor.agency), on_behalf_of=None,
            command=type(call.command).__name__, command_id=call.command_id.hex(), correlation_id=call.correlation_id,
            causation=call.causation, decided_at=now, profile=case.profile,
            handling=str(decision.after.dossier.handling), software=self.software,
        )  # fmt: skip
        drafts, keys = self.codec.drafts(case.id, case.version, decision.events, envelope)
        held = holds = NONE
        if decision.after.stage is not case.folded.stage:
            held, holds = case.kind.holds(case.folded.stage), case.kind.holds(decision.after.stage)
        after = Case(case.id, case.kind, case.version + len(drafts), decision.after)
        return Append(
            case_id=case.id, kind=case.kind.name, after=case.version, drafts=drafts, actor=actor.id,
            command_id=call.command_id, fingerprint=call.fingerprint, keys=keys,
            takes=tuple(Claim(*c) for c in sorted(holds - held)), frees=tuple(Claim(*c) for c in sorted(held - holds)),
            after_state=None if decision.refolded else after,
        )  # fmt: skip
