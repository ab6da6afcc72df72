// A Redis with replicas, and sentinels that watch them.
#pragma once

#include "support/redis_process.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::support {

struct sentinel_options {
  std::size_t sentinels{3};
  std::size_t replicas{1};
  /// Of each Redis. A password is also that of a replica and of the sentinels for them, and TLS is
  /// spoken between them.
  redis_options redis{.append_only = true};
  /// Of each sentinel.
  redis_options sentinel{};
  /// Whom they watch; empty: the primary.
  std::optional<std::uint16_t> watched_port{};
  /// How often sentinels tell each other what they know. Four times as long they leave a former
  /// primary alone after a failover: it says that it is the primary, and ends no connection.
  std::chrono::milliseconds talk_period{200};
};

/// Under the name `mymaster`. All of them run, know each other, and the replicas have all that the
/// primary has, when the constructor returns. Each function returns when what it says has happened,
/// or throws std::runtime_error when patience ends.
class sentinel_set {
 public:
  static constexpr const char* name = "mymaster";

  explicit sentinel_set(sentinel_options with = {});

  /// "127.0.0.1:7001,127.0.0.1:7002".
  [[nodiscard]] std::string hosts() const;
  /// Without a login, "redis+sentinel://HOSTS/mymaster", "rediss+sentinel://..." with TLS.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] redis_process& sentinel(std::size_t index) { return *sentinels_.at(index); }

  /// As the sentinel says that answers first.
  [[nodiscard]] redis_process& primary();
  /// The other one, or the first of the others.
  [[nodiscard]] redis_process& replica();
  [[nodiscard]] std::vector<redis_process*> replicas();

  /// Tells a sentinel to make the replica the primary, which has all that was written until then.
  /// Every sentinel that answers says so, and the new primary itself.
  void fail_over();
  /// The replicas have all that the primary had when this was called.
  void await_replica();
  /// It has become the primary.
  static void await_promotion(redis_process& of);
  /// The primary was killed, and the sentinels have made another server the primary, which this
  /// returns.
  [[nodiscard]] redis_process& await_another(const redis_process& former);
  /// All sentinels have seen that the replicas are some. Before that one of them may still mean to
  /// make it one, and does so even if it has been promoted since.
  void settle();

 private:
  [[nodiscard]] std::string port_of_primary();
  void set_pace(std::chrono::milliseconds talk_period);
  void await_sentinels();

  const sentinel_options options_;
  std::vector<std::unique_ptr<redis_process>> servers_;
  std::vector<std::unique_ptr<redis_process>> sentinels_;
};

/// A field of INFO replication; empty without it.
[[nodiscard]] std::string replication_info(redis_process& of, const std::string& field);

}  // namespace turnomatic::support
