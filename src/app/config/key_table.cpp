#include "app/config/key_table.hpp"

#include "app/config/endpoint_text.hpp"
#include "app/config/value_codec.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic::app {

namespace {

using namespace std::chrono_literals;

struct endpoint_codec {
  using value_type = endpoint;
  [[nodiscard]] static parsed<endpoint> parse(std::string_view text) {
    return parse_endpoint(text);
  }
  [[nodiscard]] static std::string format(const endpoint& value) { return format_endpoint(value); }
  [[nodiscard]] static std::string placeholder() { return "HOST:PORT"; }
  [[nodiscard]] static std::string range() { return "numeric address, port 0 to 65535"; }
  [[nodiscard]] static std::string expected() { return "HOST:PORT, such as 127.0.0.1:7017"; }
};

// `member` returns a reference to the key's member of a configuration, const or not.
template <class Codec, class Member>
key scalar(std::string name, toml_shape shape, lifetime changes, std::string unit,
           const Codec& codec, Member member, std::string meaning) {
  key made;
  made.name = std::move(name);
  made.shape = shape;
  made.changes = changes;
  made.unit = std::move(unit);
  made.placeholder = codec.placeholder();
  made.range = codec.range();
  made.expected = codec.expected();
  made.meaning = std::move(meaning);
  made.assign = [codec, member](configuration& target,
                                const texts& value) -> std::optional<refusal> {
    if (value.size() != 1) {
      return refusal{{}, "expected one value"};
    }
    const auto parsed_value = codec.parse(value.front());
    if (!parsed_value) {
      return refusal{value.front(), parsed_value.error().reason};
    }
    member(target) = *parsed_value;
    return std::nullopt;
  };
  made.format = [codec, member](const configuration& from) {
    return texts{codec.format(member(from))};
  };
  return made;
}

template <class Member>
key count(std::string name, lifetime changes, std::string unit, const count_codec& range,
          Member member, std::string meaning) {
  return scalar(std::move(name), toml_shape::integer, changes, std::move(unit), range, member,
                std::move(meaning));
}

template <class Member>
key duration(std::string name, lifetime changes, std::chrono::milliseconds min, Member member,
             std::string meaning) {
  return scalar(std::move(name), toml_shape::string, changes, "duration", duration_codec{min, 1h},
                member, std::move(meaning));
}

template <class Enum, class Member>
key choice(std::string name, lifetime changes, const choice_codec<Enum>& names, Member member,
           std::string meaning) {
  return scalar(std::move(name), toml_shape::string, changes, "name", names, member,
                std::move(meaning));
}

std::optional<refusal> assign_listen(configuration& target, const texts& value) {
  std::vector<endpoint> endpoints;
  for (const auto& text : value) {
    const auto one = parse_endpoint(text);
    if (!one) {
      return refusal{text, one.error().reason};
    }
    // Port 0 is another port each time.
    if (one->port != 0 && std::find(endpoints.begin(), endpoints.end(), *one) != endpoints.end()) {
      return refusal{text, "the endpoint is listed twice"};
    }
    endpoints.push_back(*one);
  }
  if (endpoints.empty()) {
    return refusal{{}, "expected at least one HOST:PORT"};
  }
  target.listen = std::move(endpoints);
  return std::nullopt;
}

key listen() {
  key made;
  made.name = "listen";
  made.shape = toml_shape::list_of_strings;
  made.unit = "endpoints";
  made.placeholder = endpoint_codec::placeholder();
  made.range = "at least one; " + endpoint_codec::range();
  made.expected = "an array of " + endpoint_codec::placeholder() + " strings";
  made.meaning = "where turns are served";
  made.assign = assign_listen;
  made.format = [](const configuration& from) {
    texts value;
    for (const auto& one : from.listen) {
      value.push_back(format_endpoint(one));
    }
    return value;
  };
  return made;
}

void add_top_level(std::vector<key>& table) {
  table.push_back(listen());
  table.push_back(scalar(
      "ops_listen", toml_shape::string, lifetime::restart, "endpoint", endpoint_codec{},
      [](auto& c) -> auto& { return c.ops_listen; },
      "where operators look in: /metrics and the probes; never expose it"));
  table.push_back(count(
      "workers", lifetime::restart, "threads", {0, 1024},
      [](auto& c) -> auto& { return c.workers; },
      "event loops, each a thread; 0: one per core that the process may use"));
  table.push_back(choice<backend_kind>(
      "backend", lifetime::restart, {{{"memory", backend_kind::memory}}},
      [](auto& c) -> auto& { return c.backend; },
      "where the counters live; memory: in the process, starting again at 1 with it"));
  table.push_back(duration(
      "request_deadline", lifetime::live, 1ms, [](auto& c) -> auto& { return c.request_deadline; },
      "from the arrival of a request to its answer; then it is refused with 503"));
}

void add_http(std::vector<key>& table) {
  table.push_back(count(
      "http.backlog", lifetime::restart, "connections", {1, 65'535},
      [](auto& c) -> auto& { return c.http.backlog; },
      "connections that wait to be accepted, per listener; the kernel caps it at somaxconn"));
  table.push_back(count(
      "http.max_connections", lifetime::live, "connections", {1, 1'000'000},
      [](auto& c) -> auto& { return c.http.max_connections; }, "connections open at once"));
  table.push_back(count(
      "http.max_connections_per_address", lifetime::live, "connections", {0, 1'000'000},
      [](auto& c) -> auto& { return c.http.max_connections_per_address; },
      "connections open at once from one client address; 0: no limit"));
  table.push_back(duration(
      "http.header_timeout", lifetime::live, 1ms,
      [](auto& c) -> auto& { return c.http.header_timeout; },
      "from the first byte of a request to the end of its header; then 408"));
  table.push_back(duration(
      "http.idle_timeout", lifetime::live, 1ms,
      [](auto& c) -> auto& { return c.http.idle_timeout; },
      "between two requests of a connection; keep it above the balancer's own"));
  table.push_back(duration(
      "http.write_timeout", lifetime::live, 1ms,
      [](auto& c) -> auto& { return c.http.write_timeout; },
      "how long a client may take to accept an answer; then the connection is cut"));
}

void add_rest(std::vector<key>& table) {
  table.push_back(duration(
      "drain.delay", lifetime::live, 0ms, [](auto& c) -> auto& { return c.drain.delay; },
      "after SIGTERM /readyz answers 503 this long before the listeners close"));
  table.push_back(duration(
      "drain.timeout", lifetime::live, 1ms, [](auto& c) -> auto& { return c.drain.timeout; },
      "how long open connections get to finish once the listeners are closed"));
  table.push_back(count(
      "memory.max_ids", lifetime::restart, "ids", {1, 100'000'000},
      [](auto& c) -> auto& { return c.memory.max_ids; },
      "counters that the memory backend keeps; a further id is refused with 507"));
  table.push_back(choice<log_level>(
      "log.level", lifetime::live,
      {{{"trace", log_level::trace},
        {"debug", log_level::debug},
        {"info", log_level::info},
        {"warn", log_level::warn},
        {"error", log_level::error},
        {"off", log_level::off}}},
      [](auto& c) -> auto& { return c.log.level; }, "the least severe message that is logged"));
  table.push_back(choice<log_format>(
      "log.format", lifetime::restart,
      {{{"automatic", log_format::automatic},
        {"text", log_format::text},
        {"json", log_format::json}}},
      [](auto& c) -> auto& { return c.log.format; },
      "how messages are written; automatic: text on a terminal, else JSON"));
  table.push_back(count(
      "log.access_sample", lifetime::live, "requests", {0, 1'000'000},
      [](auto& c) -> auto& { return c.log.access_sample; },
      "one request in this many is logged; 0: none"));
}

std::vector<key> build() {
  std::vector<key> table;
  add_top_level(table);
  add_http(table);
  add_rest(table);
  return table;
}

}  // namespace

const std::vector<key>& key_table() {
  static const std::vector<key> table = build();
  return table;
}

const key* find_key(std::string_view name) {
  const auto& table = key_table();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [name](const key& candidate) { return candidate.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::string_view section_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : name.substr(0, dot);
}

std::string_view leaf_of(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace turnomatic::app
