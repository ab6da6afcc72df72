"""webdis, an HTTP face of Redis, as a contender. It answers {"INCR":42} and not our contract."""

import json
from dataclasses import dataclass

import contender
import http_client
import redis_store


@dataclass(frozen=True, kw_only=True)
class Webdis(contender.Contender):
    name: str = "webdis"
    title: str = "webdis with Redis"
    dialect: http_client.Dialect = http_client.INCRS

    def version(self):
        find()  # it has no flag for its version
        package = contender.first_line(["dpkg-query", "-W", "webdis"])
        return f"{' '.join(package.split())}, {redis_store.version()}"

    def parts(self, place):
        path = place.directory / "webdis.json"
        path.write_text(json.dumps(configuration(place)))
        return [redis_store.part(place), self.service(place, [find(), str(path)])]


def find():
    return contender.find_program("webdis", "webdis")


def configuration(place):
    return {"http_host": "127.0.0.1", "http_port": place.port, "redis_host": "127.0.0.1",
            "redis_port": place.store_port, "threads": place.workers, "daemonize": False,
            "database": 0, "verbosity": 0, "logfile": str(place.directory / "webdis.log")}
