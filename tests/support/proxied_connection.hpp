// A connection that goes through a proxy: its two sockets and its two directions.
#pragma once

#include "support/proxy_faults.hpp"
#include "support/proxy_flow.hpp"

#include <poll.h>

#include <cstdint>
#include <vector>

namespace turnomatic::support {

class proxied_connection {
 public:
  using time_point = proxy_flow::time_point;

  /// Takes over `client`, which does not block. The connection to the server, a port of
  /// 127.0.0.1, is made when something may go there.
  proxied_connection(std::uint64_t number, int client, std::uint16_t server_port);
  ~proxied_connection();
  proxied_connection(const proxied_connection&) = delete;
  proxied_connection& operator=(const proxied_connection&) = delete;

  /// Adds what it waits for: two entries, the second for the server.
  void watch(std::vector<pollfd>& in) const;
  /// When it wants to go on although nothing happens.
  [[nodiscard]] time_point due(const proxy_faults& faults) const;

  enum class state { open, over, cut };
  /// Goes on as far as it can. `seen` are its two entries. Once it is not open it has ended.
  [[nodiscard]] state advance(const pollfd* seen, proxy_faults& faults, time_point now);
  /// Ends it, whatever waits.
  void cut(cut_by how);
  /// Ends the client's side alone. What it has sent goes on from `wake` on, whatever else is
  /// ordered; what the server answers is lost.
  void leave_ghost(cut_by how);
  void wake() noexcept { ghost_.held = false; }
  [[nodiscard]] bool is_ghost() const noexcept { return client_ < 0; }

  [[nodiscard]] const proxy_flow& to_server() const noexcept { return to_server_; }
  [[nodiscard]] const proxy_flow& to_client() const noexcept { return to_client_; }

 private:
  void connect();
  void close();
  void cut_client(cut_by how);
  [[nodiscard]] const flow_faults& to_server_under(const proxy_faults& faults) const noexcept {
    return is_ghost() ? ghost_ : faults.to_server;
  }

  const std::uint64_t number_;
  const std::uint16_t server_port_;
  int client_;
  int server_{-1};
  proxy_flow to_server_;
  proxy_flow to_client_;
  flow_faults ghost_;  // takes the place of the proxy's once there is no client
};

}  // namespace turnomatic::support
