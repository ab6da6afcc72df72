// A TCP proxy that breaks what goes through it, when and how a test says.
#pragma once

#include "support/proxied_connection.hpp"
#include "support/proxy_faults.hpp"
#include "support/reserved_port.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace turnomatic::support {

/// Forwards what comes to a free port of the loopback to another port there, on a thread of its
/// own, and passes the end of one side on to the other. Without orders it changes nothing.
///
/// Any thread but the proxy's may give orders, at any time; an order that has returned holds for
/// every connection, old and new, and for every byte that reaches the proxy from then on.
class fault_proxy {
 public:
  static constexpr std::size_t connections_max = 4096;

  explicit fault_proxy(std::uint16_t server_port);
  ~fault_proxy();
  fault_proxy(const fault_proxy&) = delete;
  fault_proxy& operator=(const fault_proxy&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_.number(); }

  /// Takes back all that was ordered; what was held goes on, ghosts as well.
  void pass();

  /// Each byte goes on so much after its arrival. What waits already is no exception.
  void delay(direction which, std::chrono::microseconds by);
  /// Sends no more than so many bytes at once, without Nagle's algorithm, and pauses in between.
  void split(direction which, std::size_t piece_bytes, std::chrono::microseconds pause = {});

  /// Cuts connections that so many bytes have gone through, counted on each from this order on,
  /// until that has happened so many times. Replaces the plan for this direction.
  void cut_after(direction which, std::uint64_t bytes, cut_by how = cut_by::reset,
                 std::uint64_t times = 1);
  /// The server has received the request and done what it says; its reply is lost.
  void cut_before_reply(cut_by how = cut_by::reset, std::uint64_t times = 1) {
    cut_after(direction::to_client, 0, how, times);
  }
  /// Cuts every open connection now.
  void cut_all(cut_by how = cut_by::reset);
  /// Cuts every open connection now, but only at the client's side: what it has sent (say because
  /// it was held) goes on when the ghosts are woken, behind what new connections have sent until
  /// then. Nothing else reaches a ghost, `cut_all` and `hold` included.
  void leave_ghosts(cut_by how = cut_by::reset);
  void wake_ghosts();
  /// Asks `script` about every chunk of every reply, on the proxy's thread; it must neither
  /// throw nor give orders. What it lets pass is still subject to the rest.
  void follow(reply_script script);

  /// Nothing goes on, but connections are accepted and stay, and take up to
  /// proxy_flow::waiting_bytes_max from each side; ends are held like bytes.
  void hold(direction which);
  void hold();
  /// What was held goes on in its order, also from clients that have left long ago.
  void release();
  /// What was held is lost, and all open connections are cut: a stream has no gaps.
  void drop(cut_by how = cut_by::reset);

  /// New connections are refused, as if nobody listened; open ones stay.
  void refuse_connections();
  void accept_connections();

  struct counts {
    std::uint64_t accepted{0};
    std::uint64_t open{0};
    std::uint64_t cut{0};              ///< by order; not those that one side has ended
    std::uint64_t ghosts{0};           ///< that had something left to say
    std::uint64_t bytes_to_server{0};  ///< that have gone on
    std::uint64_t bytes_to_client{0};
    std::uint64_t waiting_to_server{0};  ///< bytes that have arrived and not gone on
    std::uint64_t waiting_to_client{0};
  };
  [[nodiscard]] counts count();

 private:
  using order = std::packaged_task<void()>;

  void obey(std::function<void()> what);
  void run();
  void wait(std::vector<pollfd>& watched) const;
  void advance(const std::vector<pollfd>& watched);
  void accept_waiting();
  void carry_out_orders();
  void listen();
  void stop_listening();
  void wake_all();
  void forget(const proxied_connection& gone);
  flow_faults& faults_of(direction which);

  // Everything else belongs to the proxy's thread, once that runs.
  const reserved_port port_;
  const std::uint16_t server_port_;
  const int wake_;  // an eventfd
  std::mutex mutex_;
  std::vector<order> orders_;  // under the mutex

  int listener_{-1};
  proxy_faults faults_;
  std::uint64_t cut_plans_{0};
  std::vector<std::unique_ptr<proxied_connection>> connections_;
  counts past_;  // of connections that are no more, and all that was accepted and cut
  bool stopping_{false};
  std::thread thread_;
};

}  // namespace turnomatic::support
