#include "support/sentinel_set.hpp"

#include "support/eventually.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

// A sentinel that was kept from running for two seconds trusts nothing for 30 s
// (SENTINEL_TILT_PERIOD).
constexpr std::chrono::milliseconds patience = 75s;

void await(const std::string& what, const std::function<bool()>& holds) {
  const bool seen = eventually(
      [&] {
        try {
          return holds();
        } catch (const std::runtime_error&) {
          return false;  // somebody does not answer now
        }
      },
      patience);
  if (!seen)
    throw std::runtime_error{"in vain: " + what};
}

std::string in_quotes(const std::string& text) {
  std::ostringstream out;
  out << std::quoted(text);
  return out.str();
}

std::string place_of(const redis_process& process) {
  return "127.0.0.1 " + std::to_string(process.port());
}

redis_options of_server(redis_options made, const redis_process* primary) {
  // A first replica would be kept waiting for others.
  made.lines.emplace_back("repl-diskless-sync-delay 0");
  if (!made.password.empty())
    made.lines.push_back("masterauth " + in_quotes(made.password));
  if (made.tls)
    made.lines.emplace_back("tls-replication yes");
  if (primary != nullptr)
    made.lines.push_back("replicaof " + place_of(*primary));
  return made;
}

redis_options of_sentinel(const sentinel_options& from, std::uint16_t watched) {
  redis_options made = from.sentinel;
  const std::string name = sentinel_set::name;
  made.kind = redis_options::server_kind::sentinel;
  if (made.tls)
    made.lines.emplace_back("tls-replication yes");
  made.lines.push_back("sentinel monitor " + name + " 127.0.0.1 " + std::to_string(watched) + ' ' +
                       std::to_string(from.sentinels / 2 + 1));
  // Long enough for a machine that is busy with other tests.
  made.lines.push_back("sentinel down-after-milliseconds " + name + " 3000");
  made.lines.push_back("sentinel failover-timeout " + name + " 10000");
  if (!from.redis.password.empty())
    made.lines.push_back("sentinel auth-pass " + name + ' ' + in_quotes(from.redis.password));
  if (!made.password.empty())
    made.lines.push_back("sentinel sentinel-pass " + in_quotes(made.password));
  return made;
}

/// The value of a field in a list of names and values.
std::string value_of(const redis_reply& fields, const std::string& name) {
  for (std::size_t i = 0; i + 1 < fields.elements.size(); i += 2) {
    if (fields.elements[i].text == name)
      return fields.elements[i + 1].text;
  }
  return {};
}

}  // namespace

std::string replication_info(redis_process& of, const std::string& field) {
  std::string text;
  // Sentinels end the connections of a server that they promote, or make a replica.
  await("a server that answers", [&] {
    text = "\r\n" + of.command({"INFO", "replication"}).text;
    return true;
  });
  const std::string mark = "\r\n" + field + ':';
  const auto begin = text.find(mark);
  if (begin == std::string::npos)
    return {};
  const auto value = begin + mark.size();
  return text.substr(value, text.find('\r', value) - value);
}

sentinel_set::sentinel_set(sentinel_options with) : options_{std::move(with)} {
  servers_.push_back(std::make_unique<redis_process>(of_server(options_.redis, nullptr)));
  for (std::size_t i = 0; i < options_.replicas; ++i)
    servers_.push_back(
        std::make_unique<redis_process>(of_server(options_.redis, servers_.front().get())));
  await_replica();
  const std::uint16_t watched = options_.watched_port.value_or(servers_.front()->port());
  for (std::size_t i = 0; i < options_.sentinels; ++i)
    sentinels_.push_back(std::make_unique<redis_process>(of_sentinel(options_, watched)));
  await_sentinels();
}

// Since Redis 7.0; before, it all takes longer.
void sentinel_set::set_pace(std::chrono::milliseconds talk_period) {
  for (const auto& each : sentinels_)
    each->command({"SENTINEL", "DEBUG", "info-period", "500", "publish-period",
                   std::to_string(talk_period.count())});
}

void sentinel_set::await_sentinels() {
  set_pace(200ms);
  for (const auto& each : sentinels_) {
    await("a sentinel that knows the others", [&] {
      const redis_reply known = each->command({"SENTINEL", "master", name});
      return value_of(known, "num-other-sentinels") == std::to_string(sentinels_.size() - 1) &&
             value_of(known, "num-slaves") == std::to_string(options_.replicas);
    });
  }
  set_pace(options_.talk_period);
}

std::string sentinel_set::hosts() const {
  std::string all;
  for (const auto& each : sentinels_)
    all += (all.empty() ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(each->port());
  return all;
}

std::string sentinel_set::url() const {
  return (options_.sentinel.tls ? "rediss+sentinel://" : "redis+sentinel://") + hosts() + '/' +
         name;
}

std::string sentinel_set::port_of_primary() {
  std::string port;
  await("a sentinel that says where the primary is", [&] {
    for (const auto& each : sentinels_) {
      try {
        const auto place = each->command({"SENTINEL", "get-master-addr-by-name", name});
        port = place.elements.at(1).text;
        return true;
      } catch (const std::exception&) {
        continue;  // the next one
      }
    }
    return false;
  });
  return port;
}

redis_process& sentinel_set::primary() {
  const std::string port = port_of_primary();
  for (const auto& each : servers_) {
    if (std::to_string(each->port()) == port)
      return *each;
  }
  throw std::runtime_error{"the sentinels name a primary that is not ours"};
}

redis_process& sentinel_set::replica() {
  return *replicas().at(0);
}

std::vector<redis_process*> sentinel_set::replicas() {
  const redis_process* const first = &primary();
  std::vector<redis_process*> others;
  for (const auto& each : servers_) {
    if (each.get() != first)
      others.push_back(each.get());
  }
  return others;
}

void sentinel_set::await_replica() {
  std::vector<redis_process*> behind;
  std::uint64_t written = 0;
  for (const auto& each : servers_) {
    if (replication_info(*each, "role") == "slave")
      behind.push_back(each.get());
    else
      written = std::stoull(replication_info(*each, "master_repl_offset"));
  }
  for (redis_process* const each : behind) {
    await("a replica that has all", [&] {
      return replication_info(*each, "master_link_status") == "up" &&
             std::stoull(replication_info(*each, "slave_repl_offset")) >= written;
    });
  }
}

redis_process& sentinel_set::await_another(const redis_process& former) {
  await("a failover", [&] { return port_of_primary() != std::to_string(former.port()); });
  redis_process& next = primary();
  await_promotion(next);
  return next;
}

void sentinel_set::await_promotion(redis_process& of) {
  await("a replica that is promoted", [&] { return replication_info(of, "role") == "master"; });
}

void sentinel_set::settle() {
  for (const auto& each : sentinels_) {
    await("sentinels that have seen the replica", [&] {
      const auto replicas = each->command({"SENTINEL", "replicas", name});
      return replicas.elements.size() == options_.replicas &&
             std::ranges::all_of(replicas.elements, [](const redis_reply& one) {
               return value_of(one, "role-reported") == "slave" &&
                      value_of(one, "master-link-status") == "ok";
             });
    });
  }
}

void sentinel_set::fail_over() {
  redis_process& next = replica();
  await_replica();
  // A sentinel may not have looked at the replica yet, or be dead.
  await("a failover that begins", [&] {
    for (const auto& each : sentinels_) {
      try {
        if (each->command({"SENTINEL", "FAILOVER", name}) == redis_reply::simple("OK"))
          return true;
      } catch (const std::runtime_error&) {
        continue;
      }
    }
    return false;
  });
  await_promotion(next);
  for (const auto& each : sentinels_) {
    await("sentinels that name the new primary", [&] {
      try {
        const auto place = each->command({"SENTINEL", "get-master-addr-by-name", name});
        return place.elements.at(1).text == std::to_string(next.port());
      } catch (const std::runtime_error&) {
        return true;  // it is dead
      }
    });
  }
}

}  // namespace turnomatic::support
