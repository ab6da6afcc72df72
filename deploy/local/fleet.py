"""As many instances as are wanted: started, put behind the balancer, taken out of it, ended. Nothing here
waits; `look` does what is due."""

import contextlib
import enum
import signal
from typing import NamedTuple

import pair
from autoscaler import Instance
from balancer import BalancerError
from programs import START_SECONDS, StartFailed, free_ports
from sampling import CPU_SECONDS, TURNS, Scraper

# HAProxy gives up an answer after 3 s (timeout server): by then nothing is under way.
DRAIN_SECONDS = 5.0
# drain.delay (5 s), drain.timeout (15 s) and a log that is stuck (3 s); then what HAProxy keeps of it.
END_SECONDS = 23.0
REMOVE_SECONDS = 30.0
# One that ends by itself sooner than that will not get better by another.
SHORT_LIFE_SECONDS = 5.0


class State(enum.Enum):
    STARTING = "starting"
    SERVING = "serving"
    DRAINING = "draining"  # HAProxy sends nothing new there
    ENDING = "ending"  # told to end, by SIGTERM
    ENDED = "ended"  # HAProxy still has a connection of it


class Settings(NamedTuple):
    """What all instances have in common."""
    binary: object
    redis_port: int
    directory: object
    processors: float  # that each is said to request
    scrape_seconds: float
    rate_seconds: float


class Member:
    """One instance, from its start to its end."""

    def __init__(self, number, settings, now):
        ports = free_ports({"turns": 0, "operations": 0})
        self.name = f"instance-{number}"
        self.port, self.operations_port = ports["turns"], ports["operations"]
        self.program = pair.instance(settings.binary, number, self.port, self.operations_port,
                                     settings.redis_port, settings.directory, "--workers", 1)
        self.state, self.since, self.started = State.STARTING, now, now
        self.is_ready, self.ready_changed = False, now
        self.drained = 0.0  # seconds
        self.scraper = Scraper(self.operations_port, settings.scrape_seconds, settings.rate_seconds)

    def enter(self, state, now):
        self.state, self.since = state, now

    def set_ready(self, is_ready, now):
        if is_ready != self.is_ready:
            self.is_ready, self.ready_changed = is_ready, now

    def is_leaving(self):
        return self.state not in (State.STARTING, State.SERVING)


class Fleet:
    """A context manager. `say` is told what happens."""

    def __init__(self, balancer, settings, rule, say):
        self._balancer, self._settings, self._say = balancer, settings, say
        [self._cpu], [self._turns] = ([metric.name for metric in rule.metrics if metric.is_cpu == is_cpu]
                                      for is_cpu in (True, False))
        self._number = 0
        self.members = []  # the oldest first, those that leave included
        self._stack = contextlib.ExitStack()
        self.target = 0
        self.ends = []  # of those that were taken away, what their end took

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for member in self.members:
            member.scraper.stop()
            if member.program.ended() is None:
                # All at once, and without the delay that is for balancers.
                member.program.signal(signal.SIGINT)
        self._stack.close()

    def scale_to(self, target, now):
        self.target = target
        # The youngest go, as in a ReplicaSet: they have the least to lose.
        for member in self._staying()[target:]:
            if member.state is State.SERVING:
                self._balancer.drain(member.name)
            member.enter(State.DRAINING, now)
            self._say(f"{member.name} is being drained")
        self._fill(now)

    def look(self, now):
        """Lets each instance do its next step."""
        servers = self._balancer.servers()
        steps = {State.STARTING: self._look_at_start, State.SERVING: self._look_at_service,
                 State.DRAINING: self._look_at_drain, State.ENDING: self._look_at_end,
                 State.ENDED: self._look_at_rest}
        for member in list(self.members):
            server = servers.get(member.name)
            member.set_ready(member.state is State.SERVING and bool(server and server.is_up), now)
            steps[member.state](member, server, now)
        self._fill(now)

    def instances(self, now):
        """Those that stay, as the rule sees them."""
        return [Instance(member.name, member.started, member.is_ready, member.ready_changed,
                         self._samples(member, now)) for member in self._staying()]

    def count(self, *states):
        return sum(member.state in states for member in self.members)

    def ready(self):
        return sum(member.is_ready for member in self.members)

    def is_settled(self):
        """Whether all are there that should be, and none besides."""
        return len(self.members) == self.ready() == self.target

    def last_words(self):
        return "\n".join(f"{member.name}: {member.program.last_words()}" for member in self.members)

    def _samples(self, member, now):
        cpu, turns = (member.scraper.rate(name, now) for name in (CPU_SECONDS, TURNS))
        samples = {self._turns: turns}
        if cpu:
            samples[self._cpu] = cpu._replace(value=cpu.value / self._settings.processors)
        return {name: sample for name, sample in samples.items() if sample}

    def _staying(self):
        return [member for member in self.members if not member.is_leaving()]

    def _fill(self, now):
        for _ in range(self.target - len(self._staying())):
            self._number += 1
            member = Member(self._number, self._settings, now)
            self._stack.enter_context(member.program).launch()
            self.members.append(member)
            self._say(f"{member.name} is started")

    def _look_at_start(self, member, _, now):
        if member.program.ended() is not None or now > member.since + START_SECONDS:
            raise StartFailed(f"{member.name} did not start\n{member.program.last_words()}")
        if member.program.is_up():
            self._balancer.add(member.name, member.port)
            member.enter(State.SERVING, now)
            self._say(f"{member.name} serves, {now - member.started:.1f} s after its start")

    def _look_at_service(self, member, _, now):
        if (status := member.program.ended()) is None:
            return
        if now < member.started + SHORT_LIFE_SECONDS:
            raise StartFailed(f"{member.name} ended with status {status}\n"
                              f"{member.program.last_words()}")
        self._say(f"{member.name} ended by itself with status {status}; another takes its place")
        self._rest(member, now)

    def _look_at_drain(self, member, server, now):
        # It was not seen in the balancer if it was still starting.
        if (server and server.busy) and now < member.since + DRAIN_SECONDS:
            return
        member.drained = now - member.since
        member.program.signal(signal.SIGTERM)
        member.enter(State.ENDING, now)

    def _look_at_end(self, member, _, now):
        if (status := member.program.ended()) is None:
            if now > member.since + END_SECONDS:
                raise BalancerError(f"{member.name} does not end\n{member.program.last_words()}")
            return
        self.ends.append({"name": member.name, "drained_s": round(member.drained, 3),
                          "ended_s": round(now - member.since, 3), "status": status})
        self._say(f"{member.name} has ended with status {status}, {now - member.since:.1f} s after "
                  "SIGTERM")
        self._rest(member, now)

    def _rest(self, member, now):
        member.scraper.stop()
        member.enter(State.ENDED, now)

    def _look_at_rest(self, member, server, now):
        if server is None or self._balancer.remove(member.name):
            self.members.remove(member)
        elif now > member.since + REMOVE_SECONDS:
            raise BalancerError(f"HAProxy keeps {member.name}")
