# SPDX-License-Identifier: Apache-2.0
"""Bars and lines as SVG, by hand: what the report needs and no more."""

import math
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 760, 64, 12, 44, 46, 320
COLOURS = {"weft": "#1f6feb", "ovs": "#d1242f", "testpmd": "#9a6700", "bridge": "#57606a",
           "loop": "#57606a"}
OTHERS = ("#1f6feb", "#d1242f", "#9a6700", "#57606a", "#1a7f37", "#8250df")


def number(value):
    """Three digits that mean something."""
    for places, limit in ((0, 100), (1, 10), (2, 0.1)):
        if abs(value) >= limit:
            return "%.*f" % (places, value)
    return "%.2g" % value


def steps(top):
    """A round scale from 0 up to TOP and a bit, in four to eight steps."""
    size = 10.0 ** math.floor(math.log10(top / 4 or 1))
    while top / size > 8:
        size *= 2.5 if str(size).lstrip("0.").startswith("2") else 2
    return [i * size for i in range(int(math.ceil(top / size)) + 1)]


class Canvas:
    def __init__(self, title, unit):
        self.out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
                    'font-family="sans-serif" font-size="12" fill="#1f2328">' % (WIDTH, HEIGHT),
                    '<rect width="%d" height="%d" fill="#ffffff"/>' % (WIDTH, HEIGHT)]
        self.text(LEFT, 18, title, 'font-size="14" font-weight="bold"')
        self.text(12, 36, unit, 'fill="#57606a"')
        self.legend_x = LEFT + 60

    def text(self, x, y, words, more=""):
        self.out.append('<text x="%.1f" y="%.1f" %s>%s</text>' % (x, y, more, escape(words)))

    def line(self, x1, y1, x2, y2, colour, more=""):
        self.out.append('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" %s/>'
                        % (x1, y1, x2, y2, colour, more))

    def axis(self, top):
        marks = steps(top)
        self.top = marks[-1]
        for value in marks:
            self.line(LEFT, self.y(value), WIDTH - RIGHT, self.y(value), "#d0d7de")
            self.text(LEFT - 6, self.y(value) + 4, "%g" % value, 'text-anchor="end"')

    def y(self, value):
        return HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)

    def legend(self, name, colour):
        self.out.append('<rect x="%.1f" y="27" width="10" height="10" fill="%s"/>'
                        % (self.legend_x, colour))
        self.text(self.legend_x + 14, 36, name)
        self.legend_x += 30 + 7 * len(name)

    def svg(self):
        return "\n".join(self.out + ["</svg>"]) + "\n"


def colour(name, place):
    return COLOURS.get(name, OTHERS[place % len(OTHERS)])


def bars(title, unit, groups):
    """GROUPS: [(label, [(series, value, least, most, limit or None)])]. A dashed line is a bar that
    must be reached or kept below; a whisker is from the least to the most."""
    c = Canvas(title, unit)
    values = [v for _, rows in groups for _, *numbers in rows for v in numbers if v is not None]
    c.axis(max(values) * 1.08)
    names = []
    slot = (WIDTH - LEFT - RIGHT) / len(groups)
    for g, (label, rows) in enumerate(groups):
        wide = min(slot * 0.8 / len(rows), 60)
        x = LEFT + slot * (g + 0.5) - wide * len(rows) / 2
        words = label.split("\n")
        for i, word in enumerate(words):
            c.text(LEFT + slot * (g + 0.5), HEIGHT - BOTTOM + 16 + 14 * i, word,
                   'text-anchor="middle"')
        for series, value, least, most, limit in rows:
            if series not in names:
                names.append(series)
                c.legend(series, colour(series, len(names) - 1))
            c.out.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>'
                         % (x + 2, c.y(value), wide - 4, HEIGHT - BOTTOM - c.y(value),
                            colour(series, names.index(series))))
            if least != most:
                c.line(x + wide / 2, c.y(least), x + wide / 2, c.y(most), "#1f2328")
            c.text(x + wide / 2, c.y(max(value, most)) - 4, number(value), 'text-anchor="middle"')
            if limit is not None:
                c.line(x - 2, c.y(limit), x + wide + 2, c.y(limit), "#1f2328",
                       'stroke-width="2" stroke-dasharray="4 3"')
            x += wide
    return c.svg()


def curve(title, unit, below, values):
    """One value after another."""
    c = Canvas(title, unit)
    c.axis(sorted(values)[-max(len(values) // 100, 1)] * 1.1)
    x = lambda i: LEFT + (WIDTH - LEFT - RIGHT) * i / max(len(values) - 1, 1)
    c.out.append('<polyline fill="none" stroke="%s" points="%s"/>' % (OTHERS[0], " ".join(
        "%.1f,%.1f" % (x(i), c.y(min(v, c.top))) for i, v in enumerate(values))))
    for i in range(0, 5):
        at = (len(values) - 1) * i // 4
        c.text(x(at), HEIGHT - BOTTOM + 16, str(at + 1),
               'text-anchor="%s"' % ("end" if i == 4 else "middle"))
    c.text((WIDTH + LEFT) / 2, HEIGHT - 12, below, 'text-anchor="middle" fill="#57606a"')
    return c.svg()
