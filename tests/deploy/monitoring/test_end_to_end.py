"""An alert from the fault to the person: the real program, Redis, Prometheus and Alertmanager, with the
shipped configuration, and a receiver of our own. Only waiting is cut short.

TURNOMATIC names the program."""

import os
import shutil
import signal
import sys
import unittest

from metrics import SOURCE_DIR

sys.path[:0] = [str(SOURCE_DIR / "tests/integration"), str(SOURCE_DIR / "deploy/demo")]

import test_dashboard
from monitored_service import Monitoring, wait_for

NEEDED = ("redis-server", "prometheus", "prometheus-alertmanager")
# Far beyond what it takes, for machines that have other work.
PATIENCE_SECONDS = 90.0
# There is no series with the backend redis, or none before something happens.
MAY_BE_EMPTY = ("turnomatic_counters", "turnomatic_idempotency_keys", "ALERTS", "changes(")


@unittest.skipUnless(all(map(shutil.which, NEEDED)), f"one of {NEEDED} is not installed")
@unittest.skipUnless("TURNOMATIC" in os.environ, "TURNOMATIC is not set")
class EndToEndTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.monitoring = cls.enterClassContext(Monitoring(os.environ["TURNOMATIC"]))

    def wait_for(self, what, look):
        return wait_for(what, look, PATIENCE_SECONDS)

    def notified(self, name, status):
        """The alert as the receiver of pages heard of it; None as long as it has not."""
        return next((alert for receiver, alert in self.monitoring.webhook.heard()
                     if receiver == "pages" and alert["labels"]["alertname"] == name
                     and alert["status"] == status), None)

    def test_1_every_panel_has_data(self):
        self.wait_for("turns in Prometheus", lambda: self.monitoring.query(
            'job:turnomatic_turns_taken:rate5m > 0'))
        for where, expression in test_dashboard.expressions():
            if any(part in expression for part in MAY_BE_EMPTY):
                self.monitoring.query(expression)
                continue
            with self.subTest(where):
                self.wait_for(expression, lambda: self.monitoring.query(expression))

    def test_2_a_store_that_hangs_pages_and_its_return_ends_the_page(self):
        self.monitoring.redis.send_signal(signal.SIGSTOP)
        try:
            alert = self.wait_for("the page", lambda: self.notified(
                "TurnomaticBreakerOpen", "firing"))
        finally:
            self.monitoring.redis.send_signal(signal.SIGCONT)
        self.assertEqual(alert["labels"]["severity"], "page")
        self.assertEqual(alert["labels"]["shard"], "0")
        self.assertIn("of shard 0 has been open", alert["annotations"]["description"])
        self.assertTrue((SOURCE_DIR / alert["annotations"]["runbook_url"]).is_file())
        self.wait_for("the end of the page", lambda: self.notified(
            "TurnomaticBreakerOpen", "resolved"))

    def test_3_a_lost_store_pages_and_silences_what_follows_from_it(self):
        self.monitoring.forget_everything()
        self.wait_for("the page", lambda: self.notified("TurnomaticStoreLost", "firing"))
        self.wait_for("the consequence", lambda: "TurnomaticUnavailable" in
                      self.monitoring.firing_alerts())
        self.wait_for("the silence", lambda: self.monitoring.inhibited("TurnomaticUnavailable"))
        self.assertIsNone(self.notified("TurnomaticUnavailable", "firing"))


if __name__ == "__main__":
    unittest.main()
