"""What officers and clerks do with requests over HTTP."""

from __future__ import annotations

SELF_PAY, INSURANCE = "medical.annual_self_pay", "medical.insurance"


async def waiting(client, **query):
    answer = await client.get("/comparison-requests", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def read_request(client, request_id):
    answer = await client.get(f"/comparison-requests/{request_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def item_of(read, fact, person):
    [item] = [one for one in read["items"] if (one["fact"], one["person_id"]) == (fact, person["id"])]
    return item


async def answer_request(client, read, **body):
    headers = {"If-Match": f'"{read["version"]}"'}
    return await client.post(f"/comparison-requests/{read['id']}/answer", json=body, headers=headers)


def codes(answer):
    return [one["code"] for one in answer.json()["errors"]]
