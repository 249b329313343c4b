"""Our records are CloudEvents 1.0 in Kafka's binary mode: the CloudEvents SDK reads them, and we read them back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from hypothesis import given
from hypothesis import strategies as st

from chassis.events.cloud_event import NotOurEvent, all_data_in, attributes, audience, data_in, read, usual, write
from chassis.events.event import Envelope
from chassis.identifiers import new_id
from chassis.testing.programs import VILLAGE

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
WIRE_TYPE = "cn.xianjie.monitoring.case.registered.v1"
TIME = datetime(2024, 6, 3, 1, 2, 3, 456789, tzinfo=UTC)


def envelope(traceparent=TRACE, data=None):
    data = {"household": str(new_id()), "kind": "脱贫不稳定户"} if data is None else data
    return Envelope(new_id(), WIRE_TYPE, "/services/monitoring", new_id(), 7, VILLAGE, TIME, traceparent, data)


def test_the_sdk_reads_what_we_write():
    sent = envelope()
    key, value, headers = write(sent)
    found = from_kafka_event(KafkaMessage(headers=dict(headers), key=key, value=value))
    assert found.get_specversion() == "1.0"
    assert found.get_id() == str(sent.id)
    assert found.get_type() == WIRE_TYPE
    assert found.get_source() == "/services/monitoring"
    assert found.get_subject() == str(sent.subject)
    assert found.get_time() == TIME
    assert found.get_datacontenttype() == "application/json"
    assert found.get_data() == sent.data
    assert found.get_extension("region") == str(VILLAGE)
    assert found.get_extension("aggregateversion") == "7"
    assert found.get_extension("traceparent") == TRACE
    assert found.get_extension("partitionkey") == str(sent.subject)


def test_headers_carry_the_names_that_tracing_tools_and_the_binding_know():
    headers = dict(write(envelope()).headers)
    assert headers["traceparent"] == TRACE.encode()
    assert headers["ce_time"] == b"2024-06-03T01:02:03.456789Z"
    assert headers["content-type"] == b"application/json"
    assert "ce_audience" not in headers


def test_without_a_trace_there_is_no_trace_header():
    headers = dict(write(envelope(traceparent=None)).headers)
    assert not {"traceparent", "ce_traceparent"} & headers.keys()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@given(
    data=st.dictionaries(texts, json, max_size=4),
    version=st.integers(1, 2**63 - 1),
    region=st.integers(10**11, 10**12 - 1),
    time=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    traceparent=st.none() | st.just(TRACE),
)
def test_what_is_written_is_read_back_the_same(data, version, region, time, traceparent):
    sent = Envelope(new_id(), WIRE_TYPE, "/services/x", new_id(), version, region, time, traceparent, data)
    message = write(sent)
    assert read(message.value, attributes(message.headers)) == sent
    (text,) = usual([message.headers], [message.value])
    if version < 10**18:
        assert text is not None
        assert Envelope.of_text(text, data_in(message.value)) == sent


NAMES = [name for name, _ in write(envelope()).headers]
CONTENTS = [
    b"",
    b"1.0",
    b"x",
    b"-1",
    b"007",
    b"2" * 18,
    b"9" * 19,
    b"\xff",
    "\u4e00".encode(),
    b"2024-02-30T01:02:03Z",
    b"2024-06-03T01:02:03+08:00",
    str(new_id()).encode(),
    str(new_id()).upper().encode(),
]


@given(
    changes=st.dictionaries(st.sampled_from(NAMES), st.none() | st.sampled_from(CONTENTS), max_size=3),
    order=st.permutations(NAMES) | st.just(NAMES),
    more=st.lists(st.tuples(st.sampled_from(["ce_audience", "ce_dataschema", "CE_ID"]), st.just(b"x")), max_size=1),
    trace=st.sampled_from([TRACE, None]),
)
def test_the_quick_way_takes_no_record_otherwise_than_the_thorough_one(changes, order, more, trace):
    sent = write(envelope(traceparent=trace))
    said = {**dict(sent.headers), **changes}
    headers = [(name, said[name]) for name in order if said.get(name) is not None] + more
    before, text, after = usual([sent.headers, headers, sent.headers], [sent.value] * 3)
    assert before == after
    assert before in (None, read(sent.value, attributes(sent.headers)).text)
    if text is not None:
        found = attributes(headers)
        assert audience(found) is None
        assert read(sent.value, found).text == text


def test_records_with_and_without_a_trace_are_read_side_by_side_and_one_for_a_group_alone_spoils_none():
    sent = [envelope(traceparent=None), envelope(traceparent=TRACE), envelope(traceparent=None), envelope()]
    messages = [write(each) for each in sent[:3]] + [write(sent[3], only="assets")]
    *texts, for_one = usual([each.headers for each in messages], [each.value for each in messages])
    assert for_one is None
    assert Envelope.of_texts(texts, all_data_in([each.value for each in messages[:3]])) == sent[:3]


def test_one_value_that_is_no_object_is_found_among_many():
    with pytest.raises(NotOurEvent, match="not JSON"):
        all_data_in([b"{}", b"{"])
    with pytest.raises(NotOurEvent, match="not a JSON object"):
        all_data_in([b"{}", b"[]"])
    assert all_data_in([]) == []


def test_values_that_are_all_no_objects_are_refused_as_one_among_many_is():
    assert all_data_in([]) == []
    with pytest.raises(NotOurEvent, match="not a JSON object"):
        all_data_in([b"[1]", b"[2]"])


def test_headers_we_do_not_know_are_passed_over_and_names_ignore_case():
    sent = envelope()
    message = write(sent)
    headers = [(name.upper(), content) for name, content in message.headers] + [("ce_dataschema", b"urn:x")]
    assert read(message.value, attributes(headers)) == sent


def test_the_audience_of_a_redelivery_can_be_read():
    assert audience(attributes(write(envelope(), only="assets").headers)) == "assets"
    assert audience(attributes(write(envelope()).headers)) is None


@pytest.mark.parametrize(
    "name", ["specversion", "id", "type", "source", "subject", "time", "region", "aggregateversion"]
)
def test_a_record_that_lacks_an_attribute_is_refused_by_name(name):
    message = write(envelope())
    headers = [header for header in message.headers if header[0] != f"ce_{name}"]
    with pytest.raises(NotOurEvent, match=f"ce_{name}"):
        read(message.value, attributes(headers))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("id", b"610999199001011234"),
        ("subject", b"x"),
        ("region", "６１".encode()),
        ("aggregateversion", b"-1"),
        ("aggregateversion", b"9223372036854775808"),
        ("time", b"yesterday"),
        ("time", b"2024-06-03T01:02:03"),
        ("specversion", b"0.3"),
        ("type", b"\xff"),
    ],
)
def test_a_malformed_attribute_is_refused_without_its_value(name, content):
    message = write(envelope())
    headers = [(n, content if n == f"ce_{name}" else c) for n, c in message.headers]
    with pytest.raises(NotOurEvent, match=f"ce_{name}") as caught:
        read(message.value, attributes(headers))
    assert content.decode(errors="replace") not in str(caught.value)


@pytest.mark.parametrize("value", [b"", b"{", b"[1]", b"null"])
def test_a_value_that_is_no_json_object_is_refused(value):
    with pytest.raises(NotOurEvent, match="value"):
        read(value, attributes(write(envelope()).headers))
