"""deploy/prometheus/alertmanager.yml: amtool finds nothing, every alert reaches who should hear of
it, and what silences another alert can match it at all."""

import re
import unittest

from tools import ALERTMANAGER_FILE, alerts, labels_when_firing, load, needs, run

MATCHER = re.compile(r'(\w+)(=~|=)"([^"]*)"')


def goes_to(receiver, labels):
    """Status and words of amtool about the way of an alert with these labels."""
    return run("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER_FILE}",
               f"--verify.receivers={receiver}",
               *(f"{name}={value}" for name, value in labels.items()))


def wanted_receiver(labels):
    if "action" in labels:
        return "autoscaler"
    return {"page": "pages", "ticket": "tickets"}[labels["severity"]]


def alerts_matching(matchers):
    """Names of the alerts that all matchers of an inhibition select."""
    named = {alert["alert"]: {"alertname": alert["alert"], **alert["labels"]}
             for alert in alerts()}
    return {name for name, labels in named.items()
            if all(re.fullmatch(value if operator == "=~" else re.escape(value),
                                labels.get(label, ""))
                   for label, operator, value in matchers)}


@needs("amtool")
class AmtoolTest(unittest.TestCase):

    def test_finds_nothing_in_the_configuration(self):
        status, said = run("amtool", "check-config", ALERTMANAGER_FILE)
        self.assertEqual(status, 0, said)

    def test_sends_every_alert_to_those_who_should_hear_of_it(self):
        for alert in alerts():
            labels = {"alertname": alert["alert"], "job": "turnomatic", **alert["labels"]}
            status, said = goes_to(wanted_receiver(labels), labels)
            self.assertEqual(status, 0, f"{alert['alert']}: {said}")

    def test_loses_no_alert_that_it_does_not_know(self):
        for receiver, labels in [("tickets", {}), ("pages", {"severity": "page"})]:
            status, said = goes_to(receiver, {"alertname": "Unknown", **labels})
            self.assertEqual(status, 0, said)

    def test_would_notice_a_wrong_way(self):
        self.assertNotEqual(goes_to("tickets", {"severity": "page"})[0], 0)


class RoutesTest(unittest.TestCase):

    def test_a_lost_store_waits_for_nothing(self):
        pages = next(route for route in load(ALERTMANAGER_FILE)["route"]["routes"]
                     if route["receiver"] == "pages")
        at_once, = pages["routes"]
        (label, operator, names), = MATCHER.findall(at_once["matchers"][0])
        self.assertEqual((label, operator, at_once["group_wait"]), ("alertname", "=~", "0s"))
        self.assertEqual(set(names.split("|")),
                         {alert["alert"] for alert in alerts()
                          if re.search("StoreLost|StoreBehind|StoreLossFound|Unheard", alert["alert"])})

    def test_every_receiver_hears_of_ends(self):
        for receiver in load(ALERTMANAGER_FILE)["receivers"]:
            self.assertTrue(all(hook["send_resolved"] for hook in receiver["webhook_configs"]))


class InhibitionTest(unittest.TestCase):
    severity = {alert["alert"]: alert["labels"]["severity"] for alert in alerts()}

    def inhibitions(self):
        """For each rule: the alerts that silence, those that are silenced, the labels alike."""
        for rule in load(ALERTMANAGER_FILE)["inhibit_rules"]:
            ends = []
            for end in ("source_matchers", "target_matchers"):
                matchers = [MATCHER.fullmatch(text).groups() for text in rule[end]]
                for label, _, value in matchers:
                    if label == "alertname":
                        self.assertLessEqual(set(value.split("|")), set(self.severity))
                ends.append(alerts_matching(matchers))
                self.assertTrue(ends[-1], rule)
            yield *ends, set(rule["equal"])

    def test_only_alerts_that_exist_are_named(self):
        self.assertGreater(len(list(self.inhibitions())), 5)

    def test_a_ticket_silences_no_page(self):
        for sources, targets, _ in self.inhibitions():
            if any(self.severity[name] == "ticket" for name in sources):
                self.assertEqual({self.severity[name] for name in targets}, {"ticket"})

    def test_no_alert_silences_itself_or_what_silences_it(self):
        pairs = {(source, target) for sources, targets, _ in self.inhibitions()
                 for source in sources for target in targets}
        for source, target in pairs:
            self.assertNotIn((target, source), pairs)

    def test_what_must_be_alike_is_there_on_both_sides(self):
        carried = labels_when_firing()
        for sources, targets, alike in self.inhibitions():
            for name in targets | {source for source in sources if len(sources) == 1}:
                self.assertLessEqual(alike, carried[name], name)


if __name__ == "__main__":
    unittest.main()
