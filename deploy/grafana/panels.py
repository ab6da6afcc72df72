"""The shapes of Grafana's panels, as far as dashboard.py uses them. Grafana's defaults are left out."""

COLUMNS = 24


def target():
    """The data source that is chosen above the dashboard."""
    return {"type": "prometheus", "uid": "${datasource}"}


def queries(pairs, **more):
    return [{"refId": chr(ord("A") + number), "datasource": target(), "expr": expression,
             "legendFormat": legend, **more} for number, (expression, legend) in enumerate(pairs)]


def panel(kind, title, description, unit, pairs, options, defaults=None, **more):
    """`more` goes into each query."""
    return {"type": kind, "title": title, "description": description, "datasource": target(),
            "targets": queries(pairs, **more), "options": options,
            "fieldConfig": {"defaults": {"unit": unit, **(defaults or {})}, "overrides": []}}


def red_above(red, *steps):
    """Thresholds: green below all, unless the first of `steps` says otherwise; red from `red` on, or
    below all of them where it is None."""
    first = "red" if red is None else "green"
    found = [{"color": first, "value": None}]
    found += [{"color": color, "value": value} for value, color in steps]
    if red is not None:
        found.append({"color": "red", "value": red})
    return {"thresholds": {"mode": "absolute", "steps": found}}


def over_time(title, description, unit, pairs):
    return panel("timeseries", title, description, unit, pairs,
                 {"legend": {"displayMode": "list", "placement": "bottom"},
                  "tooltip": {"mode": "multi", "sort": "desc"}},
                 {"custom": {"axisSoftMin": 0, "lineWidth": 1, "fillOpacity": 5,
                             "showPoints": "never"}})


def stat(title, description, unit, expression, thresholds=None):
    return panel("stat", title, description, unit, [(expression, "")],
                 {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value",
                  "graphMode": "area"},
                 thresholds or {})


def heatmap(title, description, unit, expression):
    return panel("heatmap", title, description, unit, [(expression, "{{le}}")],
                 {"calculate": False, "yAxis": {"unit": unit},
                  "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64}},
                 format="heatmap")


def state_timeline(title, description, expression, legend, states):
    mapping = {str(value): {"text": text, "color": color, "index": value}
               for value, text, color in states}
    return panel("state-timeline", title, description, "none", [(expression, legend)],
                 {"mergeValues": True, "showValue": "never", "rowHeight": 0.9},
                 {"mappings": [{"type": "value", "options": mapping}]})


def row(title, repeat=None):
    return {"type": "row", "title": title, "collapsed": False, "panels": [],
            **({"repeat": repeat} if repeat else {})}


def across(head, panels, width, height):
    """A row and its panels, each with its size; where they stand is decided at the end."""
    return head, [(each, width, height) for each in panels]


def shown_as(rows):
    """All panels one after the other, with positions and numbers."""
    found, top = [], 0
    for head, panels in rows:
        found.append({**head, "gridPos": {"x": 0, "y": top, "w": COLUMNS, "h": 1}})
        top, left, tallest = top + 1, 0, 0
        for each, width, height in panels:
            if left + width > COLUMNS:
                top, left = top + tallest, 0
            found.append({**each, "gridPos": {"x": left, "y": top, "w": width, "h": height}})
            left, tallest = left + width, height
        top += tallest
    return [{"id": number, **each} for number, each in enumerate(found, 1)]
