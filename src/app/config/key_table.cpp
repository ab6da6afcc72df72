#include "app/config/key_table.hpp"

#include "app/config/breaker_keys.hpp"
#include "app/config/cors_origins.hpp"
#include "app/config/endpoint_overlap.hpp"
#include "app/config/endpoint_text.hpp"
#include "app/config/escape.hpp"
#include "app/config/make_key.hpp"
#include "app/config/redis_keys.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic::app {

namespace {

using namespace std::chrono_literals;

struct endpoint_codec {
  using value_type = endpoint;
  std::uint16_t default_port;
  [[nodiscard]] parsed<endpoint> parse(std::string_view text) const {
    return parse_endpoint(text, default_port);
  }
  [[nodiscard]] static std::string format(const endpoint& value) { return format_endpoint(value); }
  [[nodiscard]] static std::string placeholder() { return "HOST:PORT"; }
  [[nodiscard]] static std::string range() { return "HOST:PORT, HOST, PORT or unix:/PATH"; }
  [[nodiscard]] static std::string expected() { return range(); }
};

// 0.0.0.0 next to [::] is how others ask for both families, which [::] alone does here.
bool is_ipv4_half(const endpoint& one, const endpoint& of) {
  return one.host == "0.0.0.0" && of.host == "*" && one.port == of.port;
}

std::optional<refusal> assign_listen(configuration& target, const texts& value) {
  std::vector<endpoint> endpoints;
  for (const auto& text : value) {
    const auto one = parse_endpoint(text, listen_port);
    if (!one) {
      return refusal{text, one.error().reason};
    }
    std::erase_if(endpoints, [&one](const endpoint& each) { return is_ipv4_half(each, *one); });
    const auto other = std::find_if(endpoints.begin(), endpoints.end(),
                                    [&one](const endpoint& each) { return overlap(each, *one); });
    if (other == endpoints.end()) {
      endpoints.push_back(*one);
    } else if (!is_ipv4_half(*one, *other)) {
      return refusal{text, "overlaps with " + in_quotes(format_endpoint(*other)) + " before it"};
    }
  }
  if (endpoints.empty()) {
    return refusal{{}, "expected at least one endpoint"};
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
  made.expected = "an array of strings, each " + endpoint_codec::expected();
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
  table.push_back(scalar_key(
      "ops_listen", toml_shape::string, lifetime::restart, "endpoint",
      endpoint_codec{ops_listen_port}, [](auto& c) -> auto& { return c.ops_listen; },
      "where operators look in: /metrics and the probes; never expose it"));
  table.push_back(count_key(
      "workers", lifetime::restart, "threads", {0, 1024},
      [](auto& c) -> auto& { return c.workers; },
      "event loops, each a thread; 0: one per processor by affinity and cgroup quota"));
  table.push_back(choice_key<backend_kind>(
      "backend", lifetime::restart,
      {{{"memory", backend_kind::memory}, {"redis", backend_kind::redis}}},
      [](auto& c) -> auto& { return c.backend; },
      "where the counters live; memory: in the process, starting again at 1 with it; redis: at "
      "redis.url"));
  table.push_back(duration_key(
      "request_deadline", lifetime::live, {1ms, 1h},
      [](auto& c) -> auto& { return c.request_deadline; },
      "from the arrival of a request to its answer; then it is refused with 503"));
}

void add_http(std::vector<key>& table) {
  table.push_back(count_key(
      "http.backlog", lifetime::restart, "connections", {1, 65'535},
      [](auto& c) -> auto& { return c.http.backlog; },
      "connections that wait to be accepted, per listener; the kernel caps it at somaxconn"));
  table.push_back(count_key(
      "http.max_connections", lifetime::live, "connections", {1, 1'000'000},
      [](auto& c) -> auto& { return c.http.max_connections; }, "connections open at once"));
  table.push_back(count_key(
      "http.max_connections_per_address", lifetime::live, "connections", {0, 1'000'000},
      [](auto& c) -> auto& { return c.http.max_connections_per_address; },
      "connections open at once from one client address, an IPv6 /64 being one; 0: no limit"));
  table.push_back(count_key(
      "http.header_max", lifetime::live, "bytes", {1'024, 16'384},
      [](auto& c) -> auto& { return c.http.header_max; },
      "all field lines of a request; more is refused with 431"));
  table.push_back(duration_key(
      "http.header_timeout", lifetime::live, {1ms, 1h},
      [](auto& c) -> auto& { return c.http.header_timeout; },
      "from a request's first byte, or the accept if it is the first, to its end; then 408"));
  table.push_back(duration_key(
      "http.idle_timeout", lifetime::live, {1ms, 24h},
      [](auto& c) -> auto& { return c.http.idle_timeout; },
      "between two requests of a connection; keep it above the balancer's own"));
  table.push_back(duration_key(
      "http.write_timeout", lifetime::live, {1ms, 1h},
      [](auto& c) -> auto& { return c.http.write_timeout; },
      "how long a client may take to accept an answer; then the connection is cut"));
  table.push_back(cors_origins_key());
}

void add_drain_and_memory(std::vector<key>& table) {
  table.push_back(duration_key(
      "drain.delay", lifetime::live, {0ms, 1h}, [](auto& c) -> auto& { return c.drain.delay; },
      "after SIGTERM /readyz answers 503 this long before the listeners close"));
  table.push_back(duration_key(
      "drain.timeout", lifetime::live, {1ms, 1h}, [](auto& c) -> auto& { return c.drain.timeout; },
      "how long open connections get to finish once the listeners are closed"));
  table.push_back(count_key(
      "memory.max_ids", lifetime::restart, "ids", {1, 100'000'000},
      [](auto& c) -> auto& { return c.memory.max_ids; },
      "counters that the memory backend keeps; a further id is refused with 507"));
}

void add_new_ids(std::vector<key>& table) {
  table.push_back(count_key(
      "new_ids.rate", lifetime::live, "ids a minute", {0, 60'000'000},
      [](auto& c) -> auto& { return c.new_ids.rate; },
      "ids that are new and get a turn, in the long run; others are refused with 429; 0: no "
      "limit"));
  table.push_back(count_key(
      "new_ids.burst", lifetime::live, "ids", {1, 1'000'000},
      [](auto& c) -> auto& { return c.new_ids.burst; },
      "how many of them may come at once after a while without"));
  table.push_back(count_key(
      "new_ids.rate_per_address", lifetime::live, "ids a minute", {0, 60'000'000},
      [](auto& c) -> auto& { return c.new_ids.rate_per_address; },
      "the same for one client address, an IPv6 /64 being one; 0: no limit"));
  table.push_back(count_key(
      "new_ids.burst_per_address", lifetime::live, "ids", {1, 1'000'000},
      [](auto& c) -> auto& { return c.new_ids.burst_per_address; },
      "the same as new_ids.burst for one client address"));
}

void add_idempotency_and_admin(std::vector<key>& table) {
  table.push_back(duration_key(
      "idempotency.lifetime", lifetime::live, {1s, 24h},
      [](auto& c) -> auto& { return c.idempotency.lifetime; },
      "how long a retry with the same Idempotency-Key gets the same turn"));
  table.push_back(path_key(
      "admin.token_file", lifetime::live, [](auto& c) -> auto& { return c.admin.token_file; },
      "file whose first line is the token that /admin/* asks for; empty: those are switched off"));
}

void add_log(std::vector<key>& table) {
  table.push_back(choice_key<log_level>(
      "log.level", lifetime::live,
      {{{"trace", log_level::trace},
        {"debug", log_level::debug},
        {"info", log_level::info},
        {"warn", log_level::warn},
        {"error", log_level::error},
        {"off", log_level::off}}},
      [](auto& c) -> auto& { return c.log.level; }, "the least severe message that is logged"));
  table.push_back(choice_key<log_format>(
      "log.format", lifetime::restart,
      {{{"automatic", log_format::automatic},
        {"text", log_format::text},
        {"json", log_format::json}}},
      [](auto& c) -> auto& { return c.log.format; },
      "how messages are written; automatic: text on a terminal, else JSON"));
  table.push_back(choice_key<log_output>(
      "log.output", lifetime::restart,
      {{{"stderr", log_output::standard_error}, {"stdout", log_output::standard_output}}},
      [](auto& c) -> auto& { return c.log.output; }, "where messages are written"));
  table.push_back(count_key(
      "log.access_sample", lifetime::live, "requests", {0, 1'000'000},
      [](auto& c) -> auto& { return c.log.access_sample; },
      "one request in this many is logged; 0: only those that failed"));
}

std::vector<key> build() {
  std::vector<key> table;
  add_top_level(table);
  add_http(table);
  add_drain_and_memory(table);
  add_new_ids(table);
  add_redis_keys(table);
  add_breaker_keys(table);
  add_idempotency_and_admin(table);
  add_log(table);
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
