"""Writes files of WireMock and MockServer after their documentation, in forms that their recorders do not write. `written.py kept|broken OUT`

MockServer is not in the package registries that this project uses. `record.js` records with WireMock.
"""

import base64
import json
import os
import sys

FORM, OUT = sys.argv[1], sys.argv[2]
BROKEN = FORM == "broken"
JSON = {"Content-Type": "application/json"}
EXCHANGES = [
    ("GET", "/orders/order_1", None, 200, {"id": "order_1", "status": "lost" if BROKEN else "paid", "total": 12.5, "note": "café, “two” copies"}),
    ("POST", "/orders", {"item": "book", "quantity": 2}, 201, {"id": "order_2", "status": "open", "total": "25" if BROKEN else 25, "note": None}),
    ("GET", "/orders/order_9", None, 404, {"error": "no such order"}),
]


def write(name, value):
    path = os.path.join(OUT, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, ensure_ascii=False)
        file.write("\n")


def text(value):
    return json.dumps(value, ensure_ascii=False)


mappings, events, expectations, log = [], [], [], []
for index, (method, path, sent, status, received) in enumerate(EXCHANGES):
    request = {"urlPath" if index else "url": path, "method": method}
    if sent:
        request |= {"headers": {"Content-Type": {"equalTo": "application/json"}}, "bodyPatterns": [{"equalToJson": text(sent)}]}
    response = {"status": status, "headers": JSON} | ({"jsonBody": received} if index else {"body": text(received)})
    mappings.append({"id": f"00000000-0000-4000-8000-00000000000{index}", "request": request, "response": response})

    body = text(sent).encode() if sent else b""
    sent_headers = {"Host": "orders.example"} | (JSON if sent else {})
    request = {"url": path, "absoluteUrl": f"http://orders.example{path}", "method": method, "clientIp": "127.0.0.1", "headers": sent_headers}
    request |= {"cookies": {}, "browserProxyRequest": False, "loggedDate": 1767225600000 + index, "bodyAsBase64": base64.b64encode(body).decode(), "body": body.decode()}
    event = {"id": f"10000000-0000-4000-8000-00000000000{index}", "request": request, "responseDefinition": response, "wasMatched": True}
    encoded = base64.b64encode(text(received).encode()).decode()
    event["response"] = {"status": status, "headers": JSON, "bodyAsBase64": encoded, "body": text(received)}
    events.append(event)

    request = {"method": method, "path": path} | ({"headers": JSON, "body": {"type": "JSON", "json": sent, "matchType": "STRICT"}} if sent else {})
    response = {"statusCode": status, "headers": {"content-type": ["application/json"]}, "body": text(received)}
    expectations.append({"httpRequest": request, "httpResponse": response, "times": {"unlimited": True}, "timeToLive": {"unlimited": True}})
    request = {"method": method, "path": path, "keepAlive": True, "headers": {"host": ["orders.example"]} | ({"content-type": ["application/json"]} if sent else {})}
    request |= {"body": {"type": "JSON", "json": sent}} if sent else {}
    log.append({"timestamp": f"2026-01-01 00:00:00.00{index}", "type": "EXPECTATION_RESPONSE", "httpRequest": request, "httpResponse": response | {"body": received}})

mappings.append({"request": {"urlPathPattern": "/orders/.*", "method": "GET"}, "response": {"status": 500}})
write(f"wiremock/mappings-{FORM}.json", {"mappings": mappings, "meta": {"total": len(mappings)}})
write(f"wiremock/journal-{FORM}.json", {"requests": events, "meta": {"total": len(events)}, "requestJournalDisabled": False})
write(f"mockserver/expectations-{FORM}.json", expectations)
write(f"mockserver/log-{FORM}.json", log)
