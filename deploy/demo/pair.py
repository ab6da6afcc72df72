"""The pair as deploy/ describes it, on the loopback: Redis, instances and a balancer, from the very files
with other ports and places. Each function returns a program that is not started yet."""

import os
import re
import shutil
import signal
import socket
from pathlib import Path

from programs import Program, StartFailed, accepts, answers

DEPLOY = Path(__file__).resolve().parents[1]
# Debian keeps some servers where only root looks for programs.
PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/usr/local/sbin"
INSTANCES = ("127.0.0.1:7017", "127.0.0.1:7027")


def find(program):
    found = shutil.which(program, path=PATH)
    if not found:
        raise StartFailed(f"{program} is not installed")
    return found


def replaced(text, replacements):
    """The text with each key of `replacements` replaced. One that is not there is an error, since the
    program would then use a port or a file of the machine."""
    if missing := [old for old in replacements if old not in text]:
        raise ValueError(f"not in the file: {missing}")
    either = "|".join(re.escape(old) for old in sorted(replacements, key=len, reverse=True))
    return re.sub(f"(?:{either})(?![0-9])", lambda match: replacements[match[0]], text)


def copy(file, directory, replacements):
    """A copy of a file of deploy/ in `directory`, with replacements."""
    target = directory / file.name
    target.write_text(replaced(file.read_text(), replacements))
    return target


def addresses(ports):
    """Replacements that put instances at these ports in the place of the documented ones."""
    return dict(zip(INSTANCES, (f"127.0.0.1:{port}" for port in ports), strict=True))


def pongs(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(64) == b"+PONG\r\n"
    except OSError:
        return False


def memory():
    """Where files are in memory, for tempfile; None where nothing is. On the disk of a busy machine a turn
    may wait for longer than its deadline, and what is shown is rarely about disks."""
    place = Path("/dev/shm")
    return place if os.access(place, os.W_OK) else None


def redis(port, directory):
    home = directory / "redis"
    home.mkdir(exist_ok=True)
    return Program("Redis", [find("redis-server"), DEPLOY / "redis/turnomatic.conf", "--port", port,
                             "--bind", "127.0.0.1", "--dir", home],
                   directory / "redis.log", lambda: pongs(port))


def instance(binary, number, port, operations_port, redis_port, directory, *flags):
    return Program(f"instance {number}",
                   [binary, "--config", DEPLOY / "pair/turnomatic.toml",
                    "--listen", f"127.0.0.1:{port}", "--ops-listen", f"127.0.0.1:{operations_port}",
                    "--redis-url", f"redis://127.0.0.1:{redis_port}", *flags],
                   # SIGINT is a drain without its delay; a rolling restart asks by SIGTERM.
                   directory / f"instance-{number}.log", lambda: answers(port, "/readyz"),
                   signal.SIGINT)


def haproxy_rules(port, statistics_port, directory, *settings):
    """HAProxy with all but the instances; `settings` are lines of its global section."""
    # In the place of Debian's file. Who is not root may have fewer descriptors than maxconn asks for.
    site = directory / "site.cfg"
    site.write_text("\n    ".join(["global", "log stdout format raw daemon info", "no strict-limits",
                                   *settings]) + "\n")
    rules = copy(DEPLOY / "haproxy/balancer.cfg", directory,
                 {":8080": f"127.0.0.1:{port}", ":8404": f":{statistics_port}"})
    return [find("haproxy"), "-W", "-f", site, "-f", rules]


def haproxy_command(port, statistics_port, instance_ports, directory):
    instances = copy(DEPLOY / "haproxy/instances.cfg", directory, addresses(instance_ports))
    return [*haproxy_rules(port, statistics_port, directory), "-f", instances]


def haproxy(port, statistics_port, instance_ports, directory):
    return Program("HAProxy", haproxy_command(port, statistics_port, instance_ports, directory),
                   directory / "haproxy.log", lambda: accepts(port))


def nginx_command(port, instance_ports, directory):
    rules = copy(DEPLOY / "nginx/turnomatic.conf", directory,
                 {"listen 8080": f"listen 127.0.0.1:{port}",
                  "/var/log/nginx/turnomatic.log": str(directory / "nginx-access.log"),
                  **addresses(instance_ports)})
    paths = "".join(f"    {kind}_temp_path {directory}/{kind};\n"
                    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    main = directory / "nginx.conf"
    main.write_text(f"daemon off;\nworker_processes 2;\npid {directory}/nginx.pid;\n"
                    "error_log stderr warn;\nevents {\n    worker_connections 4096;\n}\n"
                    f"http {{\n{paths}    include {rules};\n}}\n")
    return [find("nginx"), "-p", directory, "-e", "stderr", "-c", main]


def nginx(port, instance_ports, directory):
    return Program("nginx", nginx_command(port, instance_ports, directory),
                   directory / "nginx.log", lambda: accepts(port))
