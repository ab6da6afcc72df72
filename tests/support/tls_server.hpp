// A turn counter under TLS, for clients that must check who they talk to.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::support {

/// Serves one counter on a free port of the loopback interface, a thread a connection, with a
/// certificate of its own for the name `localhost` and no other. Remembers the request heads.
class tls_server {
 public:
  tls_server();
  ~tls_server();
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// The certificate of the authority that vouches for it, in PEM.
  [[nodiscard]] const std::string& authority() const noexcept { return authority_; }
  [[nodiscard]] std::vector<std::string> heads() const;

 private:
  struct context;

  void run();
  void serve(int fd);

  std::unique_ptr<context> context_;
  std::string authority_;
  int listener_;
  std::uint16_t port_{0};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::uint64_t turn_{0};
  std::vector<std::string> heads_;
  std::vector<std::jthread> clients_;
  std::jthread thread_;
};

}  // namespace turnomatic::support
