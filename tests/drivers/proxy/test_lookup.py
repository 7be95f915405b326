"""The fast look-ups give what the domain's plain ones give."""

from hypothesis import given
from hypothesis import strategies as st

from busyout.domain.configuration.routing import CallRequest, candidates, classify, destination
from busyout.domain.configuration.tables import Classification, DialPlanRule, Peer, Route, Tables, Trunk, TrunkSet
from busyout.drivers.proxy.lookup import Lookup

WORDS = st.sampled_from(["", "*", "1", "12", "123", "1*", "12*", "2*", "a"])
VALUES = st.sampled_from(["", "1", "12", "123", "1234", "2", "a"])
PEERS = st.sampled_from(["p0", "p1", "p2"])
SETS = st.sampled_from(["s0", "s1"])
PORTS = st.integers(1, 3)


PATTERNS = dict.fromkeys(("source_user", "source_host", "destination_user", "destination_host"), WORDS)
TRUNKS = {
    "trunk_set": SETS,
    "address": st.sampled_from(["1", "12"]),
    "port": PORTS,
    "priority": st.integers(0, 2),
    "enabled": st.booleans(),
}
CLASSES = {"name": WORDS, "peer": PEERS, "source_address": WORDS, "allow": st.booleans(), **PATTERNS}
ROUTES = {
    "name": WORDS,
    "peer": PEERS,
    "source_peer": st.sampled_from(["", "p0", "p1"]),
    "tag": st.sampled_from(["", "t", "u"]),
    **PATTERNS,
}
RULES = {"plan": WORDS, "prefix": st.sampled_from(["", "1", "12", "2"]), "tag": st.sampled_from(["t", "u"])}


@st.composite
def rows(draw: st.DrawFn, kind, fields):
    """Up to six rows of a table, their indexes in any order."""
    made = draw(st.lists(st.builds(kind, st.just(0), **fields), max_size=6))
    order = draw(st.permutations(range(len(made))))
    return tuple(
        kind(**{**{f: getattr(row, f) for f in row.__struct_fields__}, "index": index})
        for row, index in zip(made, order, strict=True)
    )


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    return Tables(
        trunk_set=(TrunkSet(0, "s0"), TrunkSet(1, "s1")),
        trunk=draw(rows(Trunk, TRUNKS)),
        peer=tuple(Peer(number, f"p{number}", draw(st.sampled_from(["", "s0", "s1"]))) for number in range(3)),
        classification=draw(rows(Classification, CLASSES)),
        route=draw(rows(Route, ROUTES)),
        dial_plan=draw(rows(DialPlanRule, RULES)),
    )


requests = st.builds(
    CallRequest,
    source_address=VALUES,
    source_port=PORTS,
    source_user=VALUES,
    source_host=VALUES,
    destination_user=VALUES,
    destination_host=VALUES,
)


@given(tables(), requests)
def test_a_call_comes_from_and_goes_to_the_same_peer(known: Tables, request: CallRequest) -> None:
    lookup = Lookup(known)
    assert lookup.classify(request) == classify(known, request)
    for peer in known.peer:
        assert lookup.destination(peer, request) == destination(known, peer, request)
        assert tuple(trunk for trunk in lookup.trunks(peer) if trunk.enabled) == candidates(known, peer)


def test_the_longest_prefix_of_the_dial_plan_counts() -> None:
    peers = (Peer(0, "long"), Peer(1, "short"))
    routes = (Route(0, "long", "long", tag="l"), Route(1, "short", "short", tag="s"))
    rules = (DialPlanRule(0, "plan", "1", "s"), DialPlanRule(1, "plan", "123", "l"), DialPlanRule(2, "plan", "12", "s"))
    lookup = Lookup(Tables(peer=peers, route=routes, dial_plan=rules))
    for number, peer in (("1", "short"), ("12", "short"), ("1234", "long"), ("2", None)):
        found = lookup.destination(peers[0], CallRequest("1", 1, "", "", number, ""))
        assert (found and found.name) == peer


def test_a_thousand_routes_cost_no_more_than_a_few() -> None:
    routes = tuple(Route(number, f"r{number}", "p0", destination_user=f"{number:04}*") for number in range(1000))
    lookup = Lookup(Tables(peer=(Peer(0, "p0"),), route=routes))
    looked_at = 0

    class Counted(str):
        def __eq__(self, other: object) -> bool:
            nonlocal looked_at
            looked_at += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

        def startswith(self, *arguments: object) -> bool:  # type: ignore[override]
            nonlocal looked_at
            looked_at += 1
            return str.startswith(self, *arguments)  # type: ignore[arg-type]

    asked = CallRequest("1", 1, "", "", Counted("0999123"), "")
    assert lookup.destination(Peer(0, "p0"), asked) is not None
    assert looked_at < 10
