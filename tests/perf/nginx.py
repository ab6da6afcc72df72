"""nginx as a contender: answering by itself, with Lua, and with Lua and Redis."""

from dataclasses import dataclass
from pathlib import Path

import contender
import redis_store

STORE_CONNECTIONS_MAX = 1024  # kept open per worker; more than any scenario has in flight
MODULE_DIRECTORIES = [Path("/usr/lib/nginx/modules"), Path("/usr/share/nginx/modules")]
LUA_DIRECTORIES = [Path("/usr/share/lua/5.1")]
LUA_MODULES = ("ndk_http_module.so", "ngx_http_lua_module.so")
# In Lua a number that large would be written with an exponent, but nobody counts that far here.
ANSWER = """\
        local body = '{"id":"' .. id .. '","turno":' .. turn .. '}'
        ngx.header["Content-Length"] = #body
        ngx.print(body)
"""


@dataclass(frozen=True, kw_only=True)
class Nginx(contender.Contender):
    location: str
    http: str = ""
    modules: tuple = ()
    libraries: tuple = ()  # (file, Debian package) of what the Lua code requires
    store: bool = False  # the counters are in Redis, at the port @STORE_PORT@

    def version(self):
        for module in self.modules:
            find_module(module)
        for name, package in self.libraries:
            contender.find_file(LUA_DIRECTORIES, name, package)
        own = contender.first_line([find(), "-v"])
        return f"{own}, {redis_store.version()}" if self.store else own

    def parts(self, place):
        path = place.directory / "nginx.conf"
        path.write_text(configuration(self, place))
        service = self.service(place, [find(), "-p", str(place.directory), "-c", str(path),
                                       "-e", str(place.directory / "error.log")])
        return [redis_store.part(place), service] if self.store else [service]


def find():
    return contender.find_program("nginx", "nginx-light")


def find_module(name):
    return contender.find_file(MODULE_DIRECTORIES, name, "libnginx-mod-http-lua")


def configuration(nginx, place):
    directory = place.directory
    modules = "".join(f"load_module {find_module(module)};\n" for module in nginx.modules)
    paths = "".join(f"  {kind}_temp_path {directory}/{kind};\n"
                    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    location = nginx.location.replace("@STORE_PORT@", str(place.store_port))
    return f"""{modules}daemon off;
worker_processes {place.workers};
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{
  worker_connections {contender.CONNECTIONS_MAX};
}}
http {{
  access_log off;
  server_tokens off;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
{paths}{nginx.http}  server {{
    # The default backlog (511) is less than the connections that arrive at once.
    listen 127.0.0.1:{place.port} reuseport backlog=4096;
    location /turno/ {{
      default_type application/json;
      add_header Cache-Control no-store;
{location}    }}
  }}
}}
"""


def plain():
    return Nginx(name="nginx", title="nginx (return 200)", counts=False,
                 location="""      return 200 '{"id":"grupo7","turno":42}';\n""")


def lua():
    # A shared dictionary drops old entries when it is full. A counter that lost its state
    # would start again, so that is answered with an error and shows up in the round.
    return Nginx(name="nginx-lua", title="nginx (Lua, shared dictionary)", modules=LUA_MODULES,
                 http="  lua_shared_dict turns 512m;\n", location=f"""\
      content_by_lua_block {{
        local id = string.sub(ngx.var.uri, 8)
        local turn, _, forcible = ngx.shared.turns:incr(id, 1, 0)
        if not turn or forcible then
          return ngx.exit(507)
        end
{ANSWER}      }}
""")


def lua_redis(**shared):
    return Nginx(name="nginx-lua-redis", title="nginx (Lua) with Redis", modules=LUA_MODULES,
                 libraries=(("nginx/redis.lua", "lua-nginx-redis"),), store=True,
                 location=f"""\
      content_by_lua_block {{
        local id = string.sub(ngx.var.uri, 8)
        local store = require("nginx.redis"):new()
        store:set_timeout(1000)
        local turn = store:connect("127.0.0.1", @STORE_PORT@) and store:incr(id)
        if not turn then
          return ngx.exit(503)
        end
        store:set_keepalive(60000, {STORE_CONNECTIONS_MAX})
{ANSWER}      }}
""", **shared)
