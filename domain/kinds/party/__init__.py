"""The party register: persons and organizations under random ids without meaning.

A party is no case. It is registered once and named in events by its id alone; who it is stands sealed, in the cases
that describe it or in its own stream, under a key of its own. Directive (EU) 2016/680, art. 6: kinds of persons are kept apart.
"""

from domain.kernel import Kind, Nothing
from domain.kinds.party import acts, rules
from domain.kinds.party.acts import PartyRegistered as PartyRegistered
from domain.kinds.party.acts import RegisterParty as RegisterParty
from domain.parties import Merged
from domain.parties import PartyType as PartyType
from domain.parties import Registered as Registered

KIND = Kind(
    name="party",
    route="parties",
    law="A register of pseudonyms, Directive (EU) 2016/680, art. 6.",
    events=(
        PartyRegistered,
        acts.PossibleSamePartyNoted,
        acts.PossibleSamePartyResolved,
        acts.PartiesMerged,
        acts.PartiesUnmerged,
    ),
    table={
        (Nothing, RegisterParty): rules.register,
        (Registered, acts.NotePossibleSameParty): rules.note_possible_same_party,
        (Registered | Merged, acts.ResolvePossibleSameParty): rules.resolve_possible_same_party,
        (Registered, acts.MergeParties): rules.merge_parties,
        (Merged, acts.UnmergeParties): rules.unmerge_parties,
    },
    evolve=rules.evolve,
    listed=False,
)
