#include "http/event_feed.hpp"

#include "http/session.hpp"

#include <chrono>

namespace turnomatic::http {
namespace {

// Shorter than what balancers and proxies let a connection be idle (HAProxy and nginx: 60 s in most
// configurations); it also finds clients that have vanished.
constexpr unsigned heartbeat_ticks = std::chrono::seconds{15} / tick_length;

}  // namespace

event_feed::event_feed(std::string_view name, std::function<snapshot()> now)
    : name_{name}, now_{std::move(now)} {}

// The number is the time, so it grows across restarts.
std::string event_feed::event_of(const snapshot& what) const {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const auto id = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  return "event: " + name_ + "\nid: " + std::to_string(id) + "\ndata: " + what.data + "\n\n";
}

void event_feed::subscribe(session& who) {
  const snapshot now = now_();
  if (subscribers_.empty())
    known_ = now.matters;  // otherwise the others are to hear of it, and this one hears it twice
  subscribers_.push_back(&who);
  who.push("retry: 2000\n" + event_of(now));
}

void event_feed::unsubscribe(session& who) noexcept {
  std::erase(subscribers_, &who);
}

void event_feed::look() {
  if (subscribers_.empty())
    return;
  if (snapshot now = now_(); now.matters != known_) {
    known_ = std::move(now.matters);
    return send(event_of(now));
  }
  if (++quiet_ticks_ >= heartbeat_ticks)
    send(":\n\n");
}

// A session may end, and unsubscribe, while it is written to.
void event_feed::send(std::string_view bytes) {
  quiet_ticks_ = 0;
  for (session* each : std::vector{subscribers_})
    each->push(bytes);
}

}  // namespace turnomatic::http
