# SPDX-License-Identifier: Apache-2.0
"""Large labs as text, for benches and system tests."""


def campus(name, hosts, switches):
    """HOSTS hosts spread over SWITCHES switches in a row, one subnet: 10.80.0.1 and on."""
    text = ["lab: " + name, "switches:"]
    text += ["  s%d: {}" % s for s in range(switches)]
    text.append("links:")
    text += ["  l%d: {a: s%d, b: s%d}" % (s, s, s + 1) for s in range(switches - 1)]
    text.append("hosts:")
    text += ["  h%d: {switch: s%d, address: %s/16}" % (h, h % switches, address(h))
             for h in range(hosts)]
    return "\n".join(text) + "\n"


def address(host):
    return "10.80.%d.%d" % (host // 250, host % 250 + 1)
