"""The servers that are compared, and how each is started."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS_MAX = 12000
# What a scenario may need more of than the server grants by default; all else stays default.
LIMIT_FLAGS = {"connections": "--http-max-connections", "ids": "--memory-max-ids"}
MODULE_DIRECTORIES = [Path("/usr/lib/nginx/modules"), Path("/usr/share/nginx/modules")]
LUA_MODULES = ["ndk_http_module.so", "ngx_http_lua_module.so"]


class Unavailable(Exception):
    """This contender cannot run here; the text says why."""


@dataclass(frozen=True)
class Floor:
    binary: Path
    name: str = "floor"
    title: str = "floor (bare epoll loop)"
    counts: bool = False  # keeps a counter per id

    def version(self):
        require_binary(self.binary)
        return "in tree"

    def command(self, directory, port, ops_port, workers, limits):
        return [str(self.binary), "--port", str(port), "--workers", str(workers)]


@dataclass(frozen=True)
class Turnomatic:
    binary: Path
    arguments: list = field(default_factory=list)
    name: str = "turnomatic"
    title: str = "turnomatic (memory backend)"
    counts: bool = True

    def version(self):
        require_binary(self.binary)
        return first_line([str(self.binary), "--version"])

    def command(self, directory, port, ops_port, workers, limits):
        words = [str(self.binary), "--listen", f"127.0.0.1:{port}",
                 "--ops-listen", f"127.0.0.1:{ops_port}",
                 "--workers", str(workers), "--backend", "memory"]
        for name, value in limits.items():
            words += [LIMIT_FLAGS[name], str(value)]
        return words + self.arguments


@dataclass(frozen=True)
class Nginx:
    name: str
    title: str
    counts: bool
    location: str
    http: str = ""
    modules: tuple = ()

    def version(self):
        nginx_binary()
        for module in self.modules:
            find_module(module)
        return first_line([nginx_binary(), "-v"])

    def command(self, directory, port, ops_port, workers, limits):
        configuration = directory / "nginx.conf"
        configuration.write_text(nginx_configuration(self, directory, port, workers))
        return [nginx_binary(), "-p", str(directory), "-c", str(configuration),
                "-e", str(directory / "error.log")]


def require_binary(path):
    if not path.is_file():
        raise Unavailable(f"{path.name} is not built (make build)")


def nginx_binary():
    binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if not binary:
        raise Unavailable("nginx is not installed (Debian package nginx-light)")
    return binary


def find_module(name):
    for directory in MODULE_DIRECTORIES:
        if (directory / name).is_file():
            return directory / name
    raise Unavailable(f"{name} is not installed (Debian package libnginx-mod-http-lua)")


def first_line(command):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from None
    lines = done.stdout.decode(errors="replace").strip().splitlines()
    return lines[0] if lines else "unknown"


def nginx_configuration(contender, directory, port, workers):
    modules = "".join(f"load_module {find_module(module)};\n" for module in contender.modules)
    paths = "".join(f"  {kind}_temp_path {directory}/{kind};\n"
                    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"""{modules}daemon off;
worker_processes {workers};
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{
  worker_connections {CONNECTIONS_MAX};
}}
http {{
  access_log off;
  server_tokens off;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
{paths}{contender.http}  server {{
    # The default backlog (511) is less than the connections that arrive at once.
    listen 127.0.0.1:{port} reuseport backlog=4096;
    location /turno/ {{
      default_type application/json;
      add_header Cache-Control no-store;
{contender.location}    }}
  }}
}}
"""


def nginx_return():
    return Nginx("nginx", "nginx (return 200)", False,
                 """      return 200 '{"id":"grupo7","turno":42}';\n""")


def nginx_lua():
    # A shared dictionary drops old entries when it is full. A counter that lost its state
    # would start again, so that is answered with an error and shows up in the round.
    return Nginx("nginx-lua", "nginx (Lua, shared dictionary)", True, """\
      content_by_lua_block {
        local id = string.sub(ngx.var.uri, 8)
        local turn, _, forcible = ngx.shared.turns:incr(id, 1, 0)
        if not turn or forcible then
          return ngx.exit(507)
        end
        local body = '{"id":"' .. id .. '","turno":' .. turn .. '}'
        ngx.header["Content-Length"] = #body
        ngx.print(body)
      }
""", "  lua_shared_dict turns 512m;\n", tuple(LUA_MODULES))


def all_contenders(tools, server, server_arguments):
    """In the order of the table; the floor first, for all others are measured by it."""
    return [Floor(tools / "floor"), Turnomatic(server, server_arguments), nginx_return(),
            nginx_lua()]
