// A real Redis, which a test can kill, halt and start again.
#pragma once

#include "support/certificates.hpp"
#include "support/child_process.hpp"
#include "support/redis_client.hpp"
#include "support/reserved_port.hpp"
#include "support/temporary_directory.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::support {

struct redis_options {
  enum class client_certificates { no, optional, yes };
  enum class server_kind { primary, cluster_node, sentinel };
  struct tls_settings {
    identity server;
    std::string authority;  ///< vouches for clients; PEM
    client_certificates ask{client_certificates::yes};
  };
  /// Besides the default user, who may do everything.
  struct account {
    std::string name;
    std::string password;
    std::string rules{"~* &* +@all"};
  };

  server_kind kind{server_kind::primary};  ///< the node serves no slot, the Sentinel has no primary
  bool tcp{true};                          ///< false: the unix socket alone
  bool append_only{false};                 ///< every write is on the disk before its reply
  std::string password{};                  ///< of the default user; empty: none is asked
  std::optional<account> user{};
  std::optional<std::uint64_t> memory_max_bytes{};  ///< nothing is evicted
  std::optional<tls_settings> tls{};                ///< its port speaks TLS and nothing else
  std::vector<std::string> arguments{};             ///< "--maxclients", "3"; over all the rest
  /// Further ones of its configuration file, which Redis itself may change later.
  std::vector<std::string> lines{};
};

/// Runs redis-server, or the program that TURNOMATIC_TEST_STORE names, in a directory of its own,
/// on a free port of the loopback and on a unix socket; nothing is saved unless asked for. The port
/// stays its own while it is down. Whatever happens to the test, the process is ended and the
/// directory removed. Each function returns when what it says has happened, or throws
/// std::runtime_error when patience ends.
class redis_process {
 public:
  /// Waits until it answers.
  explicit redis_process(redis_options with = {});

  /// 0 without TCP.
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string socket_path() const;
  /// With what a client needs to be let in: "redis://name:password@127.0.0.1:port", "rediss://"
  /// with TLS, "unix:///path" without TCP. As the user if there is one.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] pid_t pid() const noexcept { return process_->pid(); }

  /// At once and without a chance to write anything more.
  void kill();
  /// Halts it: the kernel goes on accepting connections and data for it.
  void stop_answering();
  void go_on();
  /// Ends it in good order unless it is dead already, and starts it with its data files on its
  /// port.
  void restart();

  /// Copies its data files as they are. It may be running: what a file ends with may be half a
  /// command, as after a crash.
  void keep_copy() const;
  /// Kills it, and starts it with the files of the latest copy.
  void return_to_copy();

  /// On a connection of its own over the unix socket, as the default user.
  redis_reply command(const std::vector<std::string>& words);
  /// The same for more than one command.
  [[nodiscard]] redis_client connect() const;
  /// What it has logged.
  [[nodiscard]] std::string log() const;

 private:
  void write_configuration() const;
  void start();
  [[nodiscard]] bool answers();

  const redis_options options_;
  const temporary_directory directory_;
  const reserved_port port_;
  const reserved_port cluster_port_;  // of a node of a cluster, for other nodes
  std::optional<child_process> process_;
};

}  // namespace turnomatic::support
