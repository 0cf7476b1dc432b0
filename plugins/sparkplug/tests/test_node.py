"""One edge node through its life, by messages written by hand."""

import pytest

from hmi.core.instants import Instants, seconds
from hmi.core.quality import Status
from plugins.sparkplug.node import EdgeNode, News
from plugins.sparkplug.payload import Codec
from plugins.sparkplug.tests import encoder as e
from plugins.sparkplug.topics import NodeId, parse_topic
from plugins.sparkplug.values import STALE

CODEC = Codec()
BASE = 1_700_000_000_000
"""ms UTC at which the test begins."""
REBIRTH = e.metric("Node Control/Rebirth", 11, e.bool_value(False))


class Life:
    """A node and what it told so far."""

    def __init__(self, reorder=2.0):
        self.node = EdgeNode(NodeId("G", "E"), seconds(reorder))
        self.ms = 0

    @property
    def now(self):
        return Instants(self.ms * 1_000_000, (BASE + self.ms) * 1_000_000)

    def take(self, kind, *metrics, seq=None, device="", time=0):
        topic = parse_topic(f"spBv1.0/G/{kind}/E" + (f"/{device}" if device else ""))
        message = CODEC.decode(e.payload(*metrics, seq=seq, time=None if time is None else BASE + time))
        news = News()
        self.node.take(topic, message, self.now, news)
        return news

    def born(self, *metrics, bd=3, seq=0, time=0):
        return self.take("NBIRTH", e.metric("bdSeq", 4, e.long_value(bd)), REBIRTH, *metrics, seq=seq, time=time)

    def died(self, bd):
        return self.take("NDEATH", e.metric("bdSeq", 4, e.long_value(bd)), time=None)

    def wait(self, ms):
        self.ms += ms
        news = News()
        self.node.expire(self.now, news)
        return news


def level(value, **more):
    return e.metric("Level", 10, e.double_value(value), **more)


def by_alias(value, alias=1, **more):
    return e.metric(alias=alias, value=e.double_value(value), **more)


def told(news):
    return [(r.device, r.name, r.content, r.status) for r in news.readings]


@pytest.fixture
def life():
    return Life()


def test_a_birth_tells_every_metric(life):
    news = life.born(level(1.5, alias=1, time=BASE - 5000))
    assert told(news)[2:] == [("", "Level", 1.5, Status.GOOD)]
    assert news.readings[-1].time == (BASE - 5000) * 1_000_000
    assert news.born == [""]
    assert not news.rebirth
    assert life.node.online


@pytest.mark.parametrize(
    ("quality", "status"),
    [
        ((3, e.number(3, 192)), Status.GOOD),
        ((3, e.number(3, 0)), Status.BAD),
        ((3, e.number(3, 500)), Status.UNCERTAIN_LAST_USABLE_VALUE),
        ((3, e.number(3, 7)), Status.UNCERTAIN),
        ((12, e.chunk(8, "poor")), Status.UNCERTAIN),
        ((10, e.double(6, float("nan"))), Status.UNCERTAIN),
        ((9, e.single(5, float("inf"))), Status.UNCERTAIN),
        ((11, e.number(7, 1)), Status.UNCERTAIN),
    ],
)
def test_a_quality_of_any_kind_is_a_status(life, quality, status):
    assert told(life.born(level(1.5, more=e.properties(Quality=quality))))[-1] == ("", "Level", 1.5, status)


def test_data_by_alias_and_by_name(life):
    life.born(level(1.0, alias=1), e.metric("Name", 12, e.string_value("a")))
    assert told(life.take("NDATA", by_alias(2.0), seq=1)) == [("", "Level", 2.0, 0)]
    assert told(life.take("NDATA", e.metric("Name", value=e.string_value("b")), seq=2)) == [("", "Name", "b", 0)]


def test_a_death_makes_everything_stale_at_host_time(life):
    life.born(level(1.0, alias=1))
    life.take("DBIRTH", e.metric("Flow", 9, e.float_value(2.0), alias=2), seq=1, device="D")
    life.ms = 7000
    news = life.died(3)
    assert news.died
    assert not life.node.online
    assert {(r.device, r.name, r.status) for r in news.readings if r.name in {"Level", "Flow"}} == {
        ("", "Level", STALE),
        ("D", "Flow", STALE),
    }
    assert {r.time for r in news.readings} == {life.now.utc}
    assert [r.content for r in news.readings if r.name == "Level"] == [1.0]


def test_a_late_death_of_the_session_before_counts_for_nothing(life):
    life.born(level(1.0), bd=3)
    life.born(level(1.0), bd=4)
    news = life.died(3)
    assert not news.died
    assert life.node.online
    assert news.counts["old_deaths"] == 1


def test_a_second_death_counts_for_nothing(life):
    life.born(level(1.0), bd=4)
    assert life.died(4).died
    second = life.died(4)
    assert not second.died
    assert second.readings == []


def test_a_rebirth_keeps_its_bdseq(life):
    life.born(level(1.0), bd=4)
    life.born(level(2.0), bd=4)
    assert life.died(4).died


def test_a_birth_without_bdseq_or_rebirth_metric_is_usable(life):
    news = life.take("NBIRTH", level(1.0, alias=1), seq=0)
    assert news.counts["no_bdseq"] == 1
    assert news.counts["no_rebirth_metric"] == 1
    assert told(life.take("NDATA", by_alias(2.0), seq=1)) == [("", "Level", 2.0, 0)]
    assert life.died(9).died


def test_a_message_that_was_overtaken_is_waited_for(life):
    life.born(level(0.0, alias=1), seq=4)
    life.take("NDATA", by_alias(5.0), seq=5)
    assert told(life.take("NDATA", by_alias(7.0), seq=7)) == []
    news = life.take("NDATA", by_alias(6.0), seq=6)
    assert [r.content for r in news.readings] == [6.0, 7.0]
    assert life.node.deadline is None
    assert not life.wait(10_000).rebirth


def test_a_lost_message_leaves_doubt_and_asks_for_a_birth_once(life):
    life.born(level(0.0, alias=1), e.metric("Other", 10, e.double_value(1.0), alias=2), seq=4)
    life.take("NDATA", by_alias(7.0), seq=6)
    assert life.wait(1999).readings == []
    news = life.wait(1)
    assert news.rebirth
    assert news.counts["lost_messages"] == 1
    found = {r.name: (r.content, r.status) for r in news.readings}
    assert found["Level"] == (7.0, Status.GOOD)
    assert found["Other"] == (1.0, Status.UNCERTAIN_LAST_USABLE_VALUE)
    assert not life.wait(60_000).rebirth
    assert not life.take("NDATA", by_alias(8.0), seq=7).rebirth
    restored = {r.name: r.status for r in life.born(level(8.0), e.metric("Other", 10, e.double_value(1.0))).readings}
    assert restored["Other"] == Status.GOOD


def test_no_patience_gives_up_at_once():
    life = Life(reorder=0.0)
    life.born(level(0.0, alias=1))
    news = life.take("NDATA", by_alias(7.0), seq=2)
    assert news.rebirth
    assert (news.readings[0].content, news.readings[0].status) == (7.0, 0)


def test_data_before_a_birth_asks_for_one(life):
    news = life.take("NDATA", by_alias(1.0), seq=17)
    assert news.rebirth
    assert news.readings == []


def test_an_unknown_alias_or_name_makes_no_metric(life):
    life.born(level(1.0, alias=1))
    for at, metric in enumerate([by_alias(1.0, alias=9), e.metric("New", 10, e.double_value(1.0))], 1):
        news = life.take("NDATA", metric, seq=at)
        assert news.rebirth
        assert news.readings == []
    assert ("", "New") not in life.node.metrics


def test_an_alias_used_anew_after_a_rebirth_gives_nothing_to_the_old_name(life):
    life.born(level(1.0, alias=1))
    life.born(e.metric("Pressure", 10, e.double_value(5.0), alias=1))
    assert told(life.take("NDATA", by_alias(6.0), seq=1)) == [("", "Pressure", 6.0, 0)]


def test_an_alias_that_two_metrics_claim_names_neither(life):
    news = life.born(level(1.0, alias=1), e.metric("Pressure", 10, e.double_value(5.0), alias=1))
    assert news.counts["alias_conflicts"] == 1
    assert life.take("NDATA", by_alias(6.0), seq=1).readings == []
    assert life.node.metrics["", "Level"].alias is None


def test_an_alias_of_a_device_is_not_the_nodes(life):
    life.born()
    life.take("DBIRTH", level(1.0, alias=1), seq=1, device="D")
    assert life.take("NDATA", by_alias(6.0), seq=2).rebirth


def test_devices_are_stale_until_their_own_birth(life):
    life.born(level(1.0))
    life.take("DBIRTH", level(2.0, alias=1), seq=1, device="D")
    life.died(3)
    life.born(level(1.0), bd=4)
    assert life.node.is_there("")
    assert not life.node.is_there("D")
    assert life.node.metrics["D", "Level"].status == STALE
    assert life.take("DDATA", by_alias(3.0), seq=1, device="D").rebirth


def test_a_rebirth_does_not_flicker_but_a_device_left_out_becomes_stale(life):
    life.born()
    life.take("DBIRTH", level(2.0, alias=1), seq=1, device="D")
    life.take("DBIRTH", level(3.0, alias=2), seq=2, device="Gone")
    assert [r for r in life.born().readings if r.device] == []
    again = life.take("DBIRTH", level(2.0, alias=1), seq=1, device="D")
    assert told(again) == [("D", "Level", 2.0, 0)]
    assert told(life.wait(2000)) == [("Gone", "Level", 3.0, STALE)]


def test_a_devices_death_has_the_payloads_time(life):
    life.born(level(1.0))
    life.take("DBIRTH", level(2.0, alias=1), seq=1, device="D")
    life.ms = 9000
    news = life.take("DDEATH", seq=2, device="D", time=8000)
    assert [(r.name, r.status, r.time) for r in news.readings] == [("Level", STALE, (BASE + 8000) * 1_000_000)]
    assert life.node.online
    assert life.node.metrics["", "Level"].status == Status.GOOD


def test_a_devices_death_without_a_number_is_no_gap(life):
    life.born()
    life.take("DBIRTH", level(2.0, alias=1), seq=1, device="D")
    news = life.take("DDEATH", device="D")
    assert not news.rebirth
    assert not life.node.is_there("D")
    assert life.node.deadline is None


def test_two_nodes_may_have_a_device_of_one_name():
    one, other = Life(), Life()
    for life, value in ((one, 1.0), (other, 2.0)):
        life.born()
        life.take("DBIRTH", level(value), seq=1, device="D")
    assert one.node.metrics["D", "Level"].content == 1.0
    assert other.node.metrics["D", "Level"].content == 2.0


def test_the_past_does_not_move_the_present(life):
    life.born(level(1.0, alias=1))
    news = life.take("NDATA", by_alias(99.0, more=e.HISTORICAL, time=BASE - 60_000), seq=1)
    (reading,) = news.readings
    assert reading.old
    assert (reading.content, reading.time) == (99.0, (BASE - 60_000) * 1_000_000)
    assert life.node.metrics["", "Level"].content == 1.0


def test_null_is_no_value_and_not_zero(life):
    life.born(level(1.0, alias=1))
    news = life.take("NDATA", e.metric(alias=1, value=e.NULL), seq=1)
    assert told(news) == [("", "Level", None, Status.BAD_NO_DATA)]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (0, Status.BAD),
        (192, Status.GOOD),
        (500, Status.UNCERTAIN_LAST_USABLE_VALUE),
        (64, Status.UNCERTAIN),
    ],
)
def test_quality(life, said, status):
    news = life.born(level(1.0, more=e.quality(said)))
    assert news.readings[-1].status == status


def test_a_value_of_another_type_is_bad_and_asks_for_a_birth(life):
    life.born(level(1.0, alias=1))
    news = life.take("NDATA", e.metric(alias=1, value=e.string_value("x")), seq=1)
    assert told(news) == [("", "Level", None, Status.BAD_TYPE_MISMATCH)]
    assert news.rebirth


def test_a_type_that_nobody_knows_is_bad(life):
    news = life.born(e.metric("Odd", 99, e.int_value(1)))
    assert told(news)[-1] == ("", "Odd", None, Status.BAD_TYPE_MISMATCH)
    assert not news.rebirth


def test_members_of_templates_are_metrics(life):
    pump = e.template(e.metric("Speed", 3, e.int_value(-7)), e.metric("Name", 12, e.string_value("p")))
    definition = e.metric("PumpType", 19, e.template(e.metric("Speed", 3), definition=True))
    life.born(definition, e.metric("Pump", 19, pump, alias=4))
    assert life.node.metrics["", "Pump/Speed"].content == -7
    assert ("", "PumpType") not in life.node.metrics
    news = life.take("NDATA", e.metric(alias=4, value=e.template(e.metric("Speed", value=e.int_value(8)))), seq=1)
    assert ("", "Pump/Speed", 8, Status.GOOD) in told(news)


def test_a_clock_an_hour_ahead_is_not_believed_and_reported(life):
    news = life.born(level(1.0, time=BASE + 3_600_000), time=3_600_000)
    assert news.readings[-1].time == life.now.utc
    assert news.readings[-1].status == Status.GOOD
    assert news.ahead == seconds(3600)
    assert news.counts["future_stamps"] >= 1
    assert life.take("NDATA", seq=1).ahead == 0


def test_a_birth_overtaken_by_its_own_data(life):
    life.born(level(1.0, alias=1), time=0, seq=0)
    # The next session's first data comes before its birth, a message of the session before comes as well.
    life.take("NDATA", by_alias(5.0), seq=3, time=100)
    life.take("DBIRTH", level(9.0, alias=7), seq=5, device="D", time=5000)
    news = life.born(level(2.0, alias=1), bd=4, seq=4, time=4990)
    assert [r.content for r in news.readings if r.name == "Level"] == [2.0, 9.0]
    assert life.node.deadline is None


def test_a_node_has_an_end_of_metrics(life, monkeypatch):
    monkeypatch.setattr("plugins.sparkplug.node.MOST_METRICS", 3)
    news = life.born(*(e.metric(f"m{n}", 3, e.int_value(n)) for n in range(5)))
    assert news.counts["too_many_metrics"] == 4
    assert len(life.node.metrics) == 3
