"""What a person opens is whole without a network, and lets nothing foreign in."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser

import pytest

from chassis.ports import free_port
from tests.gateway.running import Recorder, gateway, service

PAGES = ["/", "/docs"]


class Seen(HTMLParser):
    """The addresses a page names, and whatever of it a strict policy would refuse."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.loads, self.inline = [], [], []
        self._in = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.addresses += [given[name] for name in ("href", "src", "action") if name in given]
        if tag in ("script", "link", "img"):
            self.loads += [given[name] for name in ("href", "src") if name in given]
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self._in = tag if tag in ("script", "style") else None

    def handle_data(self, data):
        if self._in and data.strip():
            self.inline.append(self._in)


@pytest.fixture
async def running():
    async with gateway({"monitoring": f"http://127.0.0.1:{free_port()}"}) as made:
        yield made


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_and_all_it_loads_come_from_us(running, path):
    page = await running.client.get(path)
    seen = Seen(page.text)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert seen.loads
    for address in seen.loads:
        loaded = await running.client.get(address)
        assert loaded.status_code == 200
        assert loaded.content
    assert "://" not in page.text
    assert all(address.startswith("/") and not address.startswith("//") for address in seen.addresses)


@pytest.mark.parametrize("path", PAGES)
async def test_the_policy_allows_only_ourselves_and_the_page_keeps_to_it(running, path):
    page = await running.client.get(path)
    policy = dict(rule.strip().split(" ", 1) for rule in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "unsafe" not in page.headers["content-security-policy"]
    sources = {source for rule in policy.values() for source in rule.split()}
    assert sources <= {"'none'", "'self'", "data:"}
    assert Seen(page.text).inline == []


async def test_our_own_scripts_and_styles_name_no_foreign_address(running):
    for name in ("docs.js", "home.css"):
        text = (await running.client.get(f"/docs/assets/{name}")).text
        assert "://" not in text
        assert not re.search(r"""['"(]//""", text)


async def test_swaggers_validator_which_is_foreign_is_off(running):
    """Its address is in the bundle; `validatorUrl: null` keeps the page from asking there."""
    script = (await running.client.get("/docs/assets/docs.js")).text
    assert re.search(r"validatorUrl:\s*null", script)
    assert 'url: "/openapi.json"' in script


async def test_swaggers_bundle_needs_nothing_that_the_policy_forbids(running):
    bundle = (await running.client.get("/docs/assets/swagger-ui-bundle.js")).text
    assert "SwaggerUIBundle" in bundle
    assert not re.search(r"""createElement\(["']style["']\)""", bundle)
    assert not re.search(r"[^\w.]eval\(", bundle)


async def test_the_first_page_names_every_way_on_in_both_languages(running):
    page = await running.client.get("/")
    links = [address for address in Seen(page.text).addresses if not address.startswith("/docs/assets")]
    assert links == ["/docs", "/openapi.json", "/openapi-3.0.json", "/asyncapi.json", "/v1/problems", "/health/status"]
    for link in links:
        assert (await running.client.get(link)).status_code in (200, 503)
    assert "衔接" in page.text
    assert "falling back into poverty" in page.text


async def test_assets_are_kept_by_the_browser_and_sent_compressed(running):
    address = "/docs/assets/swagger-ui-bundle.js"
    plain = await running.client.get(address, headers={"Accept-Encoding": "identity"})
    async with running.client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join([piece async for piece in answer.aiter_raw()])
    known = await running.client.get(address, headers={"If-None-Match": plain.headers["etag"]})
    assert "max-age" in plain.headers["cache-control"]
    assert plain.headers["content-type"].startswith("text/javascript")
    assert plain.headers["x-content-type-options"] == "nosniff"
    assert gzip.decompress(packed) == plain.content
    assert len(packed) < len(plain.content) / 2
    assert (known.status_code, known.content) == (304, b"")


@pytest.mark.parametrize("name", ["..%2fsettings.py", "routes.py", "redoc.standalone.js", "nothing"])
async def test_nothing_else_is_served_from_the_assets_folder(running, name):
    answer = await running.client.get(f"/docs/assets/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_address")


async def test_documentation_can_be_switched_off():
    async with service(Recorder()) as address, gateway({"monitoring": address}, docs=False) as running:
        assert (await running.client.get("/docs")).status_code == 404
        assert (await running.client.get("/openapi.json")).status_code == 200
