// A turn counter that does wrong when told to.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace turnomatic::support {

/// What happens to one request.
enum class fault {
  none,
  duplicate,     ///< the turn of the request before, again
  skip,          ///< a turn is left out before it
  swap,          ///< its turn and the next request's change places
  wrong_id,      ///< an answer for another id
  malformed,     ///< 200, but no turn
  not_http,      ///< an answer that is none
  refuse,        ///< 503 that says that nothing was taken
  refuse_dark,   ///< 502 that says nothing, after a turn was taken
  cut_before,    ///< the connection ends before a turn is taken
  cut_after,     ///< the connection ends after a turn was taken, without an answer
  cut_within,    ///< the same, within the answer
  stall,         ///< a turn is taken, the answer never comes
  stop_reading,  ///< a turn is taken, the answer never comes, nor is anything read any more
  pause,         ///< everything stands still for 300 ms, then goes on
  say_close,     ///< the answer says that the connection ends, and it does not
  burn,          ///< a turn is left out, and counted on /metrics
  forget_keys,   ///< no turn of a key is remembered from before
  lose_account,  ///< /metrics answers 500 from here on
};

/// Serves /turno/{id} on a free port of the loopback interface, on a thread of its own, one
/// request after the other, so that its turns are linearizable but for the faults. Remembers the
/// turn that it gave for an Idempotency-Key.
class scripted_server {
 public:
  /// `script` gets the number of each request, from 1, and says what is to go wrong.
  using script = std::function<fault(std::uint64_t request)>;

  explicit scripted_server(script faults = [](std::uint64_t) { return fault::none; });
  ~scripted_server();
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  [[nodiscard]] std::string url() const;
  /// Connections accepted so far. Any thread may ask.
  [[nodiscard]] std::uint64_t connections() const noexcept { return accepted_; }

 private:
  struct client;

  void run();
  void accept_client();
  [[nodiscard]] bool serve(client& from);
  [[nodiscard]] bool answer_request(client& from, const std::string& head);
  [[nodiscard]] std::uint64_t take_turn(const std::string& id, fault what);

  script faults_;
  int listener_;
  int stop_;  // an eventfd
  std::uint16_t port_;
  std::vector<client> clients_;
  std::map<std::string, std::uint64_t> turns_;
  std::map<std::string, std::uint64_t> keys_;
  std::uint64_t swapped_{0};
  std::uint64_t requests_{0};
  std::uint64_t burned_{0};
  bool account_lost_{false};
  std::atomic<std::uint64_t> accepted_{0};
  std::thread thread_;
};

}  // namespace turnomatic::support
