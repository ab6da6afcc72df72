// The settings of one instance, complete and valid, whatever source they came from.
#pragma once

#include <turnomatic/breaker.hpp>
#include <turnomatic/redis_target.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic {

/// Where to listen, as it was asked for: nothing has been looked up.
struct endpoint {
  /// A numeric IPv4 or IPv6 address (without brackets), a name in lower case, or `*`: all
  /// addresses of both families. `localhost` is 127.0.0.1 and ::1, whatever a resolver says
  /// (RFC 6761 section 6.3). Empty of a unix socket.
  std::string host{};
  std::uint16_t port{0};          ///< 0: the kernel chooses
  std::string unix_path{};        ///< absolute; empty of TCP
  std::uint32_t unix_mode{0660};  ///< permissions of the unix socket

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Of an endpoint that names none.
inline constexpr std::uint16_t listen_port = 7017;
inline constexpr std::uint16_t ops_listen_port = 7018;

enum class backend_kind { memory, redis };
enum class log_level { trace, debug, info, warn, error, off };
enum class log_format { automatic, text, json };  ///< automatic: text on a terminal, else JSON
enum class log_output { standard_error, standard_output };

/// What becomes of an id whose counter in the store lags behind what was issued.
enum class loss_policy {
  halt,  ///< the id is refused until somebody looks after it
  skip,  ///< counting goes on above what was issued
};

/// Plain data; defaults as documented in config/turnomatic.toml. The members marked (live)
/// follow a SIGHUP, the others need a restart.
struct configuration {
  using milliseconds = std::chrono::milliseconds;

  std::vector<endpoint> listen{{"localhost", listen_port}};
  endpoint ops_listen{"localhost", ops_listen_port};
  std::uint32_t workers{0};  ///< 0: one per processor that the process may use
  backend_kind backend{backend_kind::memory};
  milliseconds request_deadline{1000};  ///< (live) from a request's arrival to its answer

  struct {
    std::uint32_t backlog{4096};
    std::uint32_t max_connections{10'000};         ///< (live)
    std::uint32_t max_connections_per_address{0};  ///< (live) 0: no limit
    std::uint32_t header_max{8'192};               ///< (live) bytes of all field lines
    milliseconds header_timeout{5'000};            ///< (live)
    milliseconds idle_timeout{75'000};             ///< (live)
    milliseconds write_timeout{5'000};             ///< (live)
    std::vector<std::string> cors_origins;         ///< (live) as browsers send them
  } http;

  struct {
    milliseconds delay{5'000};     ///< (live) /readyz says 503 this long before listeners close
    milliseconds timeout{15'000};  ///< (live) then connections get this long to finish
  } drain;

  struct {
    std::uint32_t max_ids{1'000'000};
  } memory;

  /// All of it (live).
  struct {
    std::uint32_t rate{0};  ///< ids a minute; 0: no limit
    std::uint32_t burst{1'000};
    std::uint32_t rate_per_address{0};  ///< likewise
    std::uint32_t burst_per_address{100};
  } new_ids;

  struct {
    redis_target target;
    std::string password_file;  ///< its first line wins over target.password; empty: none
    loss_policy on_loss{loss_policy::halt};  ///< (live)
    std::string prefix{"turnomatic"};        ///< every key in Redis begins with it
    std::string store_id;                    ///< empty: whatever the store has, or a new one
    /// (live) A turn is handed out when so many replicas hold it; nothing: one, or none where there
    /// is a single server.
    std::optional<std::uint32_t> acknowledging_replicas;
    milliseconds connect_timeout{1'000};
    milliseconds stall_timeout{2'000};   ///< (live) without an answer while commands are under way
    milliseconds refresh_interval{250};  ///< (live) of lane records
    /// (live) After a restart of Redis, at least twice refresh_interval and reconnect_max.
    milliseconds recovery_grace{750};
    milliseconds reconnect_min{50};          ///< (live) at most reconnect_max
    milliseconds reconnect_max{200};         ///< (live)
    std::uint32_t batch_max{1'000};          ///< (live) turns of one batch
    std::uint32_t queue_max{20'000};         ///< (live) waiting requests of one worker
    std::uint32_t queue_max_per_id{20'000};  ///< (live) likewise, for one id
    std::uint32_t marked_ids{1'000'000};     ///< of which the highest turn is remembered
    struct {
      std::string ca_file;    ///< PEM; empty: the system's
      std::string cert_file;  ///< PEM; set together with key_file or not at all
      std::string key_file;
      std::string server_name;  ///< of Redis alone; empty: the host, as sentinels may name it
    } tls;
    /// As whom sentinels are spoken to.
    struct {
      std::string user;           ///< empty: their default user
      std::string password_file;  ///< its first line; empty: none
    } sentinel;
  } redis;

  /// All of it (live).
  struct {
    breaker_mode mode{breaker_mode::automatic};
    milliseconds window{10'000};
    std::uint32_t minimum_calls{20};
    std::uint32_t failure_percent{50};
    milliseconds slow_call{500};
    std::uint32_t slow_percent{80};
    std::uint32_t consecutive_failures{5};  ///< 0: never opens by this
    milliseconds open_min{100};             ///< at most open_max
    milliseconds open_max{500};
    milliseconds probe_deadline{300};
  } breaker;

  struct {
    milliseconds lifetime{60'000};  ///< (live) a retry with the same key gets the same turn
  } idempotency;

  struct {
    std::string token_file;  ///< (live) its first line; empty: the endpoints are switched off
  } admin;

  struct {
    log_level level{log_level::info};  ///< (live)
    log_format format{log_format::automatic};
    log_output output{log_output::standard_error};
    std::uint32_t access_sample{0};  ///< (live) log one in this many requests; 0: none
  } log;
};

}  // namespace turnomatic
