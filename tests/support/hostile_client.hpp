// Clients that do what no client should. They check what they are answered, and nothing else of
// the server: that it goes on serving the others is for the test to find out meanwhile.
#pragma once

#include "support/http_answer.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace turnomatic::support {

enum class listener_kind { callers, operators };

/// What is attacked, and which counters that has touched. Any thread may use it.
class attacked_listener {
 public:
  attacked_listener(std::uint16_t port, listener_kind kind) : port_{port}, kind_{kind} {}

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] bool serves_turns() const noexcept { return kind_ == listener_kind::callers; }
  /// What a good request for a turn gets.
  [[nodiscard]] int turn_status() const noexcept { return serves_turns() ? 200 : 404; }

  void touch(const std::string& id);
  /// Touches every id that has got a turn in these answers.
  void touch_ids_of(const parsed_answers& parsed);
  [[nodiscard]] std::set<std::string> touched() const;

 private:
  const std::uint16_t port_;
  const listener_kind kind_;
  mutable std::mutex mutex_;
  std::set<std::string> touched_;
};

/// A good request for this id stands behind each bad one, and is the one that is broken off or
/// never completed. It must never be executed: the counter must not exist.
inline const std::string forbidden_id = "behind";

/// A turn of `id`, to send as it is.
[[nodiscard]] std::string turn_request(const std::string& id);

/// Sends `bytes` and a forbidden request on a connection of their own: these answers must come,
/// and then the end of the connection in good order.
parsed_answers expect_end_behind(attacked_listener& at, const std::string& bytes,
                                 const std::vector<int>& statuses, bool head_only = false);

/// Sends `bytes`, ends its half, and returns all that comes, which must end in good order.
parsed_answers ask_and_half_close(attacked_listener& at, const std::string& bytes);

inline constexpr std::size_t unread_connections = 4;
inline constexpr std::size_t dripping_connections = 40;

// Each attack is bounded in count and time, and returns when all its connections are gone. It
// throws std::runtime_error when the server leaves it waiting.

/// Other protocols, other versions, endless methods, noise.
void speak_something_else(attacked_listener& at);
/// Megabytes where some bytes belong, and some that never end.
void send_too_much(attacked_listener& at);
/// Good requests, a byte at a time and cut in two at every byte.
void send_in_pieces(attacked_listener& at);
/// Ends its half before, within and behind a request.
void half_close(attacked_listener& at);
/// Resets before, within and behind a request, and within the answers.
void reset_everywhere(attacked_listener& at);
/// Asks without end on `unread_connections` and never reads, until the server cuts them.
void never_read(attacked_listener& at);
/// A byte of a header each 100 ms on `dripping_connections`, until the server refuses them.
void drip(attacked_listener& at);

}  // namespace turnomatic::support
