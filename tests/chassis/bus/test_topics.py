"""Topics follow from the event classes."""

from __future__ import annotations

import pytest

from chassis.bus.topics import topic_name, topics_of
from chassis.events.event import Event
from deploy.embedded.installation import SERVICES


class Seen(Event, type="zoo.animal.seen", version=1):
    """An occurrence."""


class Fed(Event, type="zoo.animal.fed", version=1):
    """Another."""


class KeeperRecorded(Event, type="zoo.keeper.recorded", version=1, full_state=True, readers=["shop"], partitions=3):
    """A state."""


class KeeperRecordedAgain(
    Event, type="zoo.keeper.recorded", version=2, full_state=True, readers=["shop"], partitions=3
):
    """The same state, told in another way."""


class KeeperPaid(Event, type="zoo.keeper.paid", version=1, full_state=True, readers=["shop"], partitions=3):
    """Also a state, of another kind."""


class KeeperLeft(Event, type="zoo.keeper.left", version=1):
    """Declared otherwise."""


def test_a_noun_has_one_topic_so_that_its_types_keep_their_order():
    (topic,) = topics_of([Seen, Fed])
    assert topic.name == "zoo.animal"
    assert topic.service == "zoo"
    assert topic.types == ("cn.xianjie.zoo.animal.fed.v1", "cn.xianjie.zoo.animal.seen.v1")
    assert not topic.compacted
    assert topic.partitions == 12
    assert topic.readers is None
    assert topic.settings(replicas=3) == {
        "cleanup.policy": "delete",
        "retention.ms": str(30 * 24 * 3600 * 1000),
        "min.insync.replicas": "2",
        "unclean.leader.election.enable": "false",
    }


def test_one_full_state_type_in_any_versions_makes_a_compacted_topic():
    (topic,) = topics_of([KeeperRecorded, KeeperRecordedAgain])
    assert topic.compacted
    assert topic.readers == {"shop"}
    assert topic.partitions == 3
    assert topic.settings(replicas=1)["cleanup.policy"] == "compact"
    assert topic.settings(replicas=1)["min.insync.replicas"] == "1"


def test_two_full_state_types_would_take_each_others_place_and_are_kept_for_a_time():
    (topic,) = topics_of([KeeperRecorded, KeeperPaid])
    assert not topic.compacted


def test_types_of_one_noun_must_agree():
    with pytest.raises(TypeError, match=r"share the topic zoo\.keeper"):
        topics_of([KeeperRecorded, KeeperLeft])


def test_what_is_no_wire_type_has_no_topic():
    with pytest.raises(ValueError, match="no wire type"):
        topic_name("monitoring.person")


def test_the_registry_is_compacted_and_persons_are_for_the_services_that_keep_them():
    topics = {topic.name: topic for topic in topics_of(event for service in SERVICES for event in service.events)}
    for noun in ("region", "household", "person"):
        assert topics[f"monitoring.{noun}"].compacted
    assert topics["monitoring.person"].readers == {"assets", "employment", "funds"}
    assert topics["monitoring.region"].readers is None
