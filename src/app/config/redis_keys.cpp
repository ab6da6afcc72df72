#include "app/config/redis_keys.hpp"

#include "app/config/make_key.hpp"
#include "app/config/redis_url.hpp"

namespace turnomatic::app {

namespace {

using namespace std::chrono_literals;

struct redis_url_codec {
  using value_type = redis_target;
  [[nodiscard]] static parsed<redis_target> parse(std::string_view text) {
    auto target = parse_redis_url(text);
    if (target && target->topology == redis_topology::cluster) {
      return invalid_value{"redis+cluster:// is not supported by this version yet"};
    }
    return target;
  }
  [[nodiscard]] static std::string format(const redis_target& value) {
    return format_redis_url(value);
  }
  [[nodiscard]] static std::string placeholder() { return "URL"; }
  [[nodiscard]] static std::string range() {
    return "redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://, at most 1024 "
           "bytes";
  }
  [[nodiscard]] static std::string expected() {
    return "a URL such as redis://USER:PASSWORD@HOST:6379/0";
  }
};

/// "automatic", or a whole number.
struct replicas_codec {
  using value_type = std::optional<std::uint32_t>;
  [[nodiscard]] static parsed<value_type> parse(std::string_view text) {
    if (text == automatic)
      return value_type{};
    const auto number = numbers.parse(text);
    return number ? parsed<value_type>{value_type{*number}}
                  : parsed<value_type>{invalid_value{"expected " + expected()}};
  }
  [[nodiscard]] static std::string format(value_type value) {
    return value ? count_codec::format(*value) : std::string{automatic};
  }
  [[nodiscard]] static std::string placeholder() { return "N"; }
  [[nodiscard]] static std::string range() { return "automatic, or " + numbers.range(); }
  [[nodiscard]] static std::string expected() {
    return "automatic, or a whole number from " + numbers.range();
  }

  static constexpr std::string_view automatic = "automatic";
  static constexpr count_codec numbers{0, 16};
};

key url() {
  key made = scalar_key(
      "redis.url", toml_shape::string, lifetime::restart, "URL", redis_url_codec{},
      [](auto& c) -> auto& { return c.redis.target; },
      "the Redis that holds the counters, or the sentinels that know it, and the login for Redis");
  made.visibility = secrecy::url_with_login;
  return made;
}

void add_store(std::vector<key>& table) {
  table.push_back(url());
  table.push_back(path_key(
      "redis.password_file", lifetime::restart,
      [](auto& c) -> auto& { return c.redis.password_file; },
      "file whose first line is the password, which wins over that of redis.url; empty: none"));
  table.push_back(choice_key<loss_policy>(
      "redis.on_loss", lifetime::live, {{{"halt", loss_policy::halt}, {"skip", loss_policy::skip}}},
      [](auto& c) -> auto& { return c.redis.on_loss; },
      "an id whose counter is behind what was issued; halt: refused with 503; skip: goes on "
      "above"));
  table.push_back(text_key(
      "redis.prefix", lifetime::restart, {32, "._-", false},
      [](auto& c) -> auto& { return c.redis.prefix; }, "what every key in Redis begins with"));
  table.push_back(text_key(
      "redis.store_id", lifetime::restart, {64, "-", true},
      [](auto& c) -> auto& { return c.redis.store_id; },
      "the id of the store that is expected; empty: whatever the store has, or a new one"));
}

void add_replication(std::vector<key>& table) {
  table.push_back(scalar_key(
      "redis.acknowledging_replicas", toml_shape::integer_or_string, lifetime::live, "replicas",
      replicas_codec{}, [](auto& c) -> auto& { return c.redis.acknowledging_replicas; },
      "a turn is handed out when so many replicas hold it; automatic: 1 with sentinels, else 0"));
}

void add_connection(std::vector<key>& table) {
  table.push_back(duration_key(
      "redis.connect_timeout", lifetime::restart, {1ms, 1h},
      [](auto& c) -> auto& { return c.redis.connect_timeout; },
      "how long opening a connection may take, with the sentinels that are asked and all addresses "
      "of a name; each gets 50ms at least"));
  table.push_back(duration_key(
      "redis.stall_timeout", lifetime::live, {1ms, 1h},
      [](auto& c) -> auto& { return c.redis.stall_timeout; },
      "a connection with commands under way on which nothing comes back for so long is given up"));
  table.push_back(duration_key(
      "redis.refresh_interval", lifetime::live, {10ms, 2s},
      [](auto& c) -> auto& { return c.redis.refresh_interval; },
      "how often each worker refreshes its record in Redis: a sign of life of both"));
  table.push_back(duration_key(
      "redis.recovery_grace", lifetime::live, {10ms, 1h},
      [](auto& c) -> auto& { return c.redis.recovery_grace; },
      "how long nobody counts after a restart of Redis, so that all instances are heard; an answer "
      "that takes longer is not handed out; the same for all instances of a store"));
  table.push_back(duration_key(
      "redis.reconnect_min", lifetime::live, {1ms, 1h},
      [](auto& c) -> auto& { return c.redis.reconnect_min; },
      "the first wait before a lost connection is opened again"));
  table.push_back(duration_key(
      "redis.reconnect_max", lifetime::live, {1ms, 1h},
      [](auto& c) -> auto& { return c.redis.reconnect_max; },
      "the longest wait before a lost connection is opened again"));
}

void add_bounds(std::vector<key>& table) {
  table.push_back(count_key(
      "redis.batch_max", lifetime::live, "turns", {1, 100'000},
      [](auto& c) -> auto& { return c.redis.batch_max; }, "turns that one batch takes at most"));
  table.push_back(count_key(
      "redis.queue_max", lifetime::live, "requests", {1, 1'000'000},
      [](auto& c) -> auto& { return c.redis.queue_max; },
      "requests that wait in one worker; a further one is refused with 503"));
  table.push_back(count_key(
      "redis.queue_max_per_id", lifetime::live, "requests", {1, 1'000'000},
      [](auto& c) -> auto& { return c.redis.queue_max_per_id; },
      "requests that wait in one worker for one id; a further one is refused with 503"));
  table.push_back(count_key(
      "redis.marked_ids", lifetime::restart, "ids", {1'000, 100'000'000},
      [](auto& c) -> auto& { return c.redis.marked_ids; },
      "ids of which the instance remembers the highest turn it issued; the least recently used "
      "gives way"));
}

void add_tls(std::vector<key>& table) {
  table.push_back(path_key(
      "redis.tls_ca_file", lifetime::restart, [](auto& c) -> auto& { return c.redis.tls.ca_file; },
      "authorities, in PEM, by which the certificates of Redis and of sentinels are judged; empty: "
      "the system's"));
  table.push_back(path_key(
      "redis.tls_cert_file", lifetime::restart,
      [](auto& c) -> auto& { return c.redis.tls.cert_file; },
      "certificate, in PEM, that is shown to Redis and to sentinels; only together with "
      "redis.tls_key_file; empty: none"));
  table.push_back(path_key(
      "redis.tls_key_file", lifetime::restart,
      [](auto& c) -> auto& { return c.redis.tls.key_file; },
      "private key of redis.tls_cert_file, in PEM; only together with it; empty: none"));
  table.push_back(text_key(
      "redis.tls_server_name", lifetime::restart, {253, "._-", true},
      [](auto& c) -> auto& { return c.redis.tls.server_name; },
      "the name that the certificate of Redis must bear; empty: the host of redis.url, or the one "
      "that sentinels name"));
}

void add_sentinel(std::vector<key>& table) {
  table.push_back(text_key(
      "redis.sentinel_user", lifetime::restart, {64, "._-", true},
      [](auto& c) -> auto& { return c.redis.sentinel.user; },
      "the user as whom the sentinels of redis.url are asked; empty: their default user"));
  table.push_back(path_key(
      "redis.sentinel_password_file", lifetime::restart,
      [](auto& c) -> auto& { return c.redis.sentinel.password_file; },
      "file whose first line is the password for the sentinels of redis.url; empty: none"));
}

}  // namespace

void add_redis_keys(std::vector<key>& table) {
  add_store(table);
  add_replication(table);
  add_connection(table);
  add_bounds(table);
  add_tls(table);
  add_sentinel(table);
}

}  // namespace turnomatic::app
