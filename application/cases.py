"""Cases as the ledger's histories leave them: loaded and folded, and the hot ones remembered.

A remembered case is only ever a head start. The version check at the append keeps it honest, and whoever finds it
behind drops it and loads anew.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from application.errors import NotFound
from application.ports import Codec, Ledger, Streams
from application.records import Append, Receipt, Recorded, moment
from domain.catalogue import Catalogue
from domain.deadlines import DEFAULT_PROFILE
from domain.history import Folded, effective, fold
from domain.kernel import Entry, Kind
from domain.profiles import Law


@dataclass(frozen=True, slots=True)
class Case:
    """One case at a version."""

    id: UUID
    kind: Kind
    version: int
    folded: Folded

    @property
    def profile(self) -> str:
        """The name of the rule profile the case is under."""
        return self.folded.dossier.profile or DEFAULT_PROFILE


class Cases:
    """Loads cases from the ledger and remembers up to ``size`` of them. Safe to use from several threads.

    ``law`` are the rule profiles the cases may be under.
    """

    def __init__(
        self, catalogue: Catalogue, ledger: Ledger, streams: Streams, codec: Codec, law: Law, size: int = 20_000
    ) -> None:
        """Follow this process's commits, so that a case just written is remembered as it stands."""
        self.catalogue = catalogue
        self.streams = streams
        self.ledger = ledger
        self.codec = codec
        self.law = law
        self._size = size
        self._hot: OrderedDict[UUID, Case] = OrderedDict()
        self._lock = Lock()
        ledger.listen(self._committed)

    def _committed(self, recorded: Sequence[tuple[Append, Receipt]]) -> None:
        """Remember what was committed; forget a case whose new state nobody folded."""
        with self._lock:
            for request, receipt in recorded:
                case = request.after_state
                if isinstance(case, Case) and case.version == receipt.version:
                    self._keep(case)
                else:
                    self._hot.pop(request.case_id, None)

    def _keep(self, case: Case) -> None:
        """Remember a case, and forget the one that was remembered first where there are too many. The lock is held."""
        self._hot[case.id] = case
        self._hot.move_to_end(case.id)
        if len(self._hot) > self._size:
            self._hot.popitem(last=False)

    def remembered(self, case_id: UUID) -> Case | None:
        """The case as last seen by this process, without asking the database."""
        return self._hot.get(case_id)

    def forget(self, case_id: UUID) -> None:
        """Drop what is remembered of a case that has moved on elsewhere."""
        with self._lock:
            self._hot.pop(case_id, None)

    def load(self, case_id: UUID) -> Case:
        """The case as it stands in the ledger now, remembered from here on. Blocks; raises NotFound."""
        entries = self.streams.entries(case_id)
        if not entries:
            raise NotFound("case")
        case = self._folded(case_id, self.catalogue.kind_opened_by(type(entries[0].event)), entries)
        with self._lock:
            held = self._hot.get(case_id)
            if held is None or held.version < case.version:
                self._keep(case)
        return case

    def kind_named(self, name: str) -> Kind:
        """The kind of that name; the ledger's own and foreign streams are no cases: NotFound."""
        kind = self.catalogue.kinds.get(name)
        if kind is None:
            raise NotFound("case")
        return kind

    def entries(self, history: Sequence[Recorded]) -> list[Entry]:
        """A stored history as entries, in recorded order."""
        event = self.codec.event
        return [Entry(row.version, moment(row.recorded_at), event(row)) for row in history]

    def fold(self, history: Sequence[Recorded]) -> Case:
        """The case a stored history makes. Raises NotFound for an empty one."""
        if not history:
            raise NotFound("case")
        return self._folded(history[0].case_id, self.kind_named(history[0].kind), self.entries(history))

    def _folded(self, case_id: UUID, kind: Kind | None, entries: Sequence[Entry]) -> Case:
        if kind is None:
            raise NotFound("case")
        return Case(case_id, kind, entries[-1].version, fold(kind, self.catalogue.shared, effective(entries)))
