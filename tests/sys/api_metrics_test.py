#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""GET /metrics is OpenMetrics to a parser that others wrote, and says what the API says."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from api_lib import Daemon, main, same  # noqa: E402

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
except ImportError:
    print("1..0 # SKIP no python3-prometheus-client")
    sys.exit(0)

daemon = Daemon("metrics")


def scrape():
    """{(sample, labels): value}; the parser is strict about order, types and the end."""
    answer = daemon.call("GET", "/metrics")
    same(answer.status, 200)
    same(answer.headers["Content-Type"],
         "application/openmetrics-text; version=1.0.0; charset=utf-8")
    out = {}
    for family in text_string_to_metric_families(answer.raw.decode()):
        for s in family.samples:
            key = (s.name, tuple(sorted(s.labels.items())))
            same(key in out, False, "each sample once: %r" % (key,))
            out[key] = s.value
    return out


def value(samples, name, **labels):
    return samples.get((name, tuple(sorted(labels.items()))))


def a_parser_takes_an_empty_daemon():
    samples = scrape()
    same(value(samples, "weft_objects", kind="switch"), 0.0)
    same(value(samples, "weft_capture_missed_frames_total"), 0.0)


def counters_are_those_of_the_api():
    daemon.call("PUT", "/v1/switches/s1", {})
    for host in ("a", "b"):
        daemon.call("PUT", "/v1/hosts/" + host, {})
        daemon.call("PUT", "/v1/ports/%s.eth0" % host, {"switch": "s1", "host": host})
    samples = scrape()
    same(value(samples, "weft_objects", kind="port"), 2.0)
    same(value(samples, "weft_port_carrier", port="a.eth0", type="tap"), 1.0)
    status = daemon.call("GET", "/v1/ports/a.eth0").json["status"]
    later = scrape()
    for way, name in (("in", "in"), ("out", "out")):
        low = value(samples, "weft_port_frames_total", port="a.eth0", direction=way)
        high = value(later, "weft_port_frames_total", port="a.eth0", direction=way)
        same(low <= status[name]["frames"] <= high, True, "%s frames" % way)


def what_goes_is_no_longer_told():
    daemon.call("DELETE", "/v1/hosts/b?cascade=true")
    same(value(scrape(), "weft_port_carrier", port="b.eth0", type="tap"), None)


main(daemon, [a_parser_takes_an_empty_daemon, counters_are_those_of_the_api,
              what_goes_is_no_longer_told])
