// Server-sent events: what changes, told to those who listen.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::http {

class session;

/// Sends each subscriber what is the case when it comes, and then each change, as events of one
/// name (HTML, "Server-sent events"). Nobody has to read it fast: a subscriber that falls too far
/// behind is cut, and gets the whole again when it comes back. Belongs to one thread; asks its
/// source only while somebody listens.
class event_feed {
 public:
  static constexpr std::size_t subscribers_max = 32;
  /// Bytes that a subscriber may leave unread beyond what its socket holds.
  static constexpr std::size_t backlog_max = 65'536;

  struct snapshot {
    std::string data;     ///< of the event, without a line break
    std::string matters;  ///< a change is only what changes this
  };

  /// `now` tells what is the case.
  event_feed(std::string_view name, std::function<snapshot()> now);

  [[nodiscard]] bool has_room() const noexcept { return subscribers_.size() < subscribers_max; }
  /// From here on until `unsubscribe`, which a session that is closed has called.
  void subscribe(session& who);
  void unsubscribe(session& who) noexcept;

  /// Tells what has changed. To be called on each tick.
  void look();

 private:
  void send(std::string_view bytes);
  [[nodiscard]] std::string event_of(const snapshot& what) const;

  const std::string name_;
  const std::function<snapshot()> now_;
  std::vector<session*> subscribers_;
  std::string known_;  // to all subscribers
  unsigned quiet_ticks_{0};
};

}  // namespace turnomatic::http
