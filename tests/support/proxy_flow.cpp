#include "support/proxy_flow.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace turnomatic::support {
namespace {

using namespace std::chrono_literals;

// A reset takes with it what the kernel has not sent yet.
bool all_has_left(int fd) {
  int unsent = 0;
  return ::ioctl(fd, SIOCOUTQNSD, &unsent) != 0 || unsent == 0;
}

}  // namespace

// Counted from the first byte that arrives under this plan.
std::optional<planned_cut> proxy_flow::cut_within(std::size_t size, flow_faults& faults) {
  if (!faults.cut)
    return std::nullopt;
  if (cut_number_ != faults.cut_number) {
    cut_number_ = faults.cut_number;
    cut_begin_ = received_;
  }
  const std::uint64_t left = faults.cut->after_bytes - (received_ - cut_begin_);
  if (size < left)
    return std::nullopt;
  const planned_cut now{left, faults.cut->how};
  if (--faults.cuts_left == 0)
    faults.cut.reset();
  return now;
}

void proxy_flow::receive(int from, flow_faults& faults, const reply_script& script,
                         std::uint64_t connection, time_point now) {
  std::array<char, 65536> buffer;
  const ssize_t size = ::recv(from, buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (size <= 0)
    return end_input();
  std::string_view bytes{buffer.data(), static_cast<std::size_t>(size)};
  std::optional<planned_cut> cut;
  if (!done_ && script)
    cut = script({connection, received_, bytes});
  if (!done_ && !cut)
    cut = cut_within(bytes.size(), faults);
  received_ += bytes.size();
  if (done_)
    return;  // nobody is there to get it
  if (cut)
    bytes = bytes.substr(0, cut->after_bytes);
  if (!bytes.empty())
    waiting_.push_back({item::kind::bytes, now, std::string{bytes}});
  waiting_bytes_ += bytes.size();
  if (cut) {
    ended_ = true;
    waiting_.push_back({.what = item::kind::cut, .arrived = now, .how = cut->how});
  }
}

void proxy_flow::end_input() {
  if (std::exchange(ended_, true))
    return;
  waiting_.push_back({item::kind::end, std::chrono::steady_clock::now()});
}

std::optional<cut_by> proxy_flow::send(int to, const flow_faults& faults, time_point now) {
  while (due(faults) <= now) {
    const item& next = waiting_.front();
    if (next.what == item::kind::end) {
      ::shutdown(to, SHUT_WR);
      finish();
      break;
    }
    if (next.what == item::kind::cut) {
      if (all_has_left(to))
        return next.how;
      not_before_ = now + 1ms;
      break;
    }
    std::string_view bytes = std::string_view{next.bytes}.substr(front_sent_);
    if (faults.piece_bytes > 0)
      bytes = bytes.substr(0, faults.piece_bytes);
    const ssize_t size = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0) {
      if (errno == EAGAIN || errno == EINTR)
        blocked_ = true;
      else
        finish();
      break;
    }
    const auto gone = static_cast<std::size_t>(size);
    sent_ += gone;
    waiting_bytes_ -= gone;
    front_sent_ += gone;
    if (front_sent_ == next.bytes.size()) {
      waiting_.pop_front();
      front_sent_ = 0;
    }
    if (faults.piece_bytes > 0) {
      not_before_ = now + faults.piece_pause;
      break;  // one at a time, so that the receiver can take it alone
    }
  }
  return std::nullopt;
}

proxy_flow::time_point proxy_flow::due(const flow_faults& faults) const {
  if (waiting_.empty() || faults.held || blocked_)
    return time_point::max();
  return std::max(waiting_.front().arrived + faults.delay, not_before_);
}

void proxy_flow::finish() {
  done_ = true;
  waiting_.clear();
  waiting_bytes_ = 0;
  front_sent_ = 0;
}

}  // namespace turnomatic::support
