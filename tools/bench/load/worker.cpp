#include "load/worker.hpp"

#include <boost/system/system_error.hpp>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace turnomatic::bench {
namespace {

constexpr int events_max = 64;
constexpr moment milliseconds = 1'000'000;
constexpr moment tick_period = 5 * milliseconds;
constexpr moment hand_over_period = 20 * milliseconds;
constexpr std::size_t block_size = 4096;
constexpr moment stuck_grace = 2'000 * milliseconds;  // the longest pause between connects, twice

int make_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0)
    throw boost::system::system_error{errno, boost::system::system_category(), "epoll_create1"};
  return fd;
}

// The share of `all` that falls to one of `threads`; the shares add up to `all`.
std::uint64_t share(std::uint64_t all, std::uint32_t threads, std::uint32_t thread) {
  return all / threads + (thread < all % threads ? 1 : 0);
}

// To the nanosecond where the kernel can (5.11), else to the millisecond.
int wait_for_events(int epoll, std::array<epoll_event, events_max>& events, moment patience) {
  const timespec timeout{patience / 1'000'000'000, patience % 1'000'000'000};
  const int count = ::epoll_pwait2(epoll, events.data(), events_max, &timeout, nullptr);
  if (count >= 0 || errno != ENOSYS)
    return count;
  return ::epoll_wait(epoll, events.data(), events_max,
                      static_cast<int>((patience + milliseconds - 1) / milliseconds));
}

pace::settings pace_of(const worker::settings& with) {
  const moment measure_from = with.start + with.how.warm_up.count();
  // The requests of the threads of an open loop fall between each other.
  const moment shift =
      with.how.rate > 0 ? static_cast<moment>(with.thread * 1e9 / with.how.rate) : 0;
  pace::settings result{.start = with.start + shift,
                        .measure_from = measure_from,
                        .count = {},
                        .end = measure_from + with.how.duration.count(),
                        .rate = with.how.rate / with.how.threads};
  if (with.how.count)
    result.count = share(*with.how.count, with.how.threads, with.thread);
  return result;
}

std::vector<request_text> texts_of(const plan& how) {
  std::vector<request_text> result;
  result.reserve(how.targets.size());
  for (const target& each : how.targets)
    result.emplace_back(how, each);
  return result;
}

}  // namespace

worker::worker(const settings& with)
    : with_{with},
      epoll_{make_epoll()},
      counted_{std::make_unique<counters>()},
      texts_{texts_of(with.how)},
      readers_(with.how.targets.size()),
      ids_{with.how, with.thread},
      schedule_{pace_of(with)},
      context_{.how = with.how,
               .transports = with.transports,
               .texts = texts_,
               .readers = readers_,
               .ids = ids_,
               .schedule = schedule_,
               .counted = *counted_,
               .measure_from = with.start + with.how.warm_up.count(),
               .epoll = epoll_,
               .key_prefix = with.key_prefix + "-" + std::to_string(with.thread) + "-"},
      next_tick_{with.start},
      handed_over_{with.start},
      progress_at_{with.start} {
  // Connection i belongs to thread i modulo their number.
  for (std::uint32_t i = with.thread; i < with.how.connections; i += with.how.threads)
    slots_.emplace_back(context_, i);
}

worker::~worker() {
  ::close(epoll_);
}

void worker::run() {
  for (slot& each : slots_)
    each.open(slot_context::now());
  moment looked = slot_context::now();
  for (;;) {
    moment now = slot_context::now();
    note_stall(now - looked);
    if (!stopped_at_ && with_.stop.load(std::memory_order_relaxed)) {
      stopped_at_ = now;
      schedule_.stop(now);
    }
    if (schedule_.finished(now)) {
      // What is under way has its deadline to come in; nothing is tried again after that.
      if (finished_at_ == 0)
        finished_at_ = now;
      if (idle() || now >= finished_at_ + with_.how.deadline.count())
        break;
    }
    looked = wait(now);
    now = slot_context::now();
    send_what_is_due(now);
    if (now >= next_tick_ && (!more_is_ready_ || ++ticks_put_off_ > slots_.size() / events_max))
      tick(now);
    end_if_stuck(now);
    const bool full = context_.observed.size() >= block_size;
    if ((full || now - handed_over_ >= hand_over_period) && !hand_over(now, /*last=*/false))
      return;
  }
  context_.over = true;
  const moment now = slot_context::now();
  for (slot& each : slots_)
    each.abandon(now);
  (void)hand_over(now, /*last=*/true);
}

bool worker::idle() const noexcept {
  return std::all_of(slots_.begin(), slots_.end(), [](const slot& each) { return each.idle(); });
}

// Returns when it was awake again.
moment worker::wait(moment now) {
  moment until = next_tick_;
  if (with_.how.rate > 0 && !with_room_.empty()) {
    if (const auto due = schedule_.next_due(now))
      until = std::min(until, *due);
  }
  until = std::max(until, now);
  std::array<epoll_event, events_max> events;
  const int count = wait_for_events(epoll_, events, until - now);
  more_is_ready_ = count == events_max;
  const moment awake = slot_context::now();
  note_stall(awake - until);
  for (int i = 0; i < count; ++i) {
    slot& ready = *static_cast<slot*>(events[static_cast<std::size_t>(i)].data.ptr);
    ready.on_ready(events[static_cast<std::size_t>(i)].events, awake);
    list_if_room(ready, awake);
  }
  return awake;
}

void worker::note_stall(moment length) noexcept {
  longest_stall_ = std::max(longest_stall_, length);
}

moment worker::last_event() const noexcept {
  return std::max(finished_at_, context_.last_answer);
}

void worker::list_if_room(slot& which, moment now) {
  if (with_.how.rate > 0 && !which.listed && which.has_room(now)) {
    which.listed = true;
    with_room_.push_back(&which);
  }
}

void worker::send_what_is_due(moment now) {
  while (!with_room_.empty()) {
    const auto due = schedule_.next_due(now);
    if (!due || *due > now)
      return;
    slot& taker = *with_room_.front();
    with_room_.pop_front();
    taker.listed = false;
    taker.pump(now);
    list_if_room(taker, now);
  }
}

// A count that cannot be reached because nothing is answered any more must not keep the run
// going for ever.
void worker::end_if_stuck(moment now) {
  const std::uint64_t progress = schedule_.taken() + context_.answers;
  if (progress != progress_) {
    progress_ = progress;
    progress_at_ = now;
  } else if (with_.how.count && now - progress_at_ > with_.how.deadline.count() + stuck_grace) {
    schedule_.stop(now);
  }
}

void worker::tick(moment now) {
  next_tick_ = now + tick_period;
  ticks_put_off_ = 0;
  for (slot& each : slots_) {
    each.on_tick(now);
    list_if_room(each, now);
  }
}

bool worker::hand_over(moment now, bool last) {
  moment watermark = now;
  for (const slot& each : slots_)
    watermark = std::min(watermark, each.oldest_sent(now));
  observation_block block{with_.thread, watermark, last, {}};
  block.what.swap(context_.observed);
  context_.observed.reserve(block_size + std::size_t{events_max} * with_.how.pipeline);
  handed_over_ = now;
  return with_.observations.push(std::move(block));
}

}  // namespace turnomatic::bench
