"""Records the three exchanges with vcrpy, Betamax, mitmproxy, Schemathesis and OpenTelemetry. `tools.py FORM OUT`; needs the server of that form at
$ORDERS_URL, by default http://orders.example, which is the server of the contract $ORDERS_CONTRACT.

pip install vcrpy betamax betamax-serializers mitmproxy requests schemathesis opentelemetry-sdk opentelemetry-instrumentation-requests \
    opentelemetry-exporter-otlp-proto-common
"""

import datetime
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

import betamax
import requests
import vcr
from betamax_serializers import pretty_json

FORM, OUT = sys.argv[1], os.path.abspath(sys.argv[2])
HOST = os.environ.get("ORDERS_URL", "http://orders.example")
HERE = os.path.dirname(os.path.abspath(__file__))
CONTRACT = os.environ.get("ORDERS_CONTRACT", os.path.join(HERE, "..", "openapi.yaml"))


def traffic(session, **options):
    session.get(f"{HOST}/orders/order_1", **options)
    session.post(f"{HOST}/orders", json={"item": "book", "quantity": 2}, **options)
    session.get(f"{HOST}/orders/order_9", **options)


def path(*parts):
    name = os.path.join(OUT, *parts)
    os.makedirs(os.path.dirname(name), exist_ok=True)
    if os.path.exists(name):
        os.remove(name)
    return name


for serializer, ending in [("yaml", "yaml"), ("json", "json")]:
    with vcr.use_cassette(path("vcrpy", f"{FORM}.{ending}"), serializer=serializer, record_mode="all"):
        traffic(requests.Session())

betamax.Betamax.register_serializer(pretty_json.PrettyJSONSerializer)
for serializer in ["json", "prettyjson"]:
    path("betamax", f"{FORM}.json")
    session = requests.Session()
    with betamax.Betamax(session, cassette_library_dir=os.path.join(OUT, "betamax")).use_cassette(
        FORM, serialize_with=serializer, record="all", match_requests_on=["method", "uri", "body"]
    ):
        traffic(session)

flow = path("mitmproxy", f"{FORM}.flow")
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
proxy = subprocess.Popen([os.path.join(os.path.dirname(sys.executable), "mitmdump"), "-q", "-p", str(port), "-w", flow])
for _ in range(300):
    with socket.socket() as attempt:
        if attempt.connect_ex(("127.0.0.1", port)) == 0:
            break
    time.sleep(0.1)
proxied = requests.Session()
proxied.trust_env = False
traffic(proxied, proxies={"http": f"http://127.0.0.1:{port}"})
time.sleep(0.5)
proxy.terminate()
proxy.wait()

if FORM.endswith("gzip"):
    sys.exit()

for report, ending in [("ndjson", "ndjson"), ("vcr", "yaml"), ("har", "har")]:
    name = path("schemathesis", f"{FORM}.{ending}")
    options = ["--url", HOST, "--phases", "examples", "--generation-deterministic", "--report-" + report + "-path", name]
    program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    # It writes a cache to the current folder.
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "run", CONTRACT, *options], stdout=subprocess.DEVNULL, cwd=folder)
    # The command names the folders of this machine.
    with open(name, encoding="utf-8") as file:
        text = file.read()
    with open(name, "w", encoding="utf-8") as file:
        file.write(text.replace(CONTRACT, "openapi.yaml").replace(OUT, "out"))

from google.protobuf.json_format import MessageToJson
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def hook(span, request, response):
    span.set_attribute("http.response.header.content-type", [response.headers["content-type"]])
    span.set_attribute("http.response.body", response.text)
    if request.body:
        span.set_attribute("http.request.header.content-type", [request.headers["content-type"]])
        span.set_attribute("http.request.body", request.body.decode() if isinstance(request.body, bytes) else request.body)


exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
RequestsInstrumentor().instrument(tracer_provider=provider, response_hook=hook)
traffic(requests.Session())
with open(path("otlp", f"{FORM}.json"), "w", encoding="utf-8") as file:
    file.write(MessageToJson(encode_spans(exporter.get_finished_spans())) + "\n")
