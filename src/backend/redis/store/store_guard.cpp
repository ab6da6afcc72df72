#include "backend/redis/store/store_guard.hpp"

#include <algorithm>
#include <utility>

namespace turnomatic::redis {

store_guard::store_guard(settings config)
    : marks{config.marked_ids, config.seed},
      settings_{std::move(config)},
      store_id_{settings_.pinned_store_id} {
  rename_instance();
}

// ---- which store

bool store_guard::may_found() const {
  const std::scoped_lock lock{mutex_};
  return store_id_.empty() || adopting_;
}

store_loss store_guard::meet_store(std::string_view store_id, std::string_view was) {
  const std::scoped_lock lock{mutex_};
  if (store_id.empty())
    return store_loss::emptied;
  if (store_id == store_id_) {
    adopting_ = false;  // the right one is back, and no other is to be taken for it later on
    return store_loss::none;
  }
  // Who has not counted on the store that was given up has nothing to say of it, and may have been
  // told by the configuration to expect that one alone.
  if (!store_id_.empty() && !adopting_ && (was != store_id_ || !is_known()))
    return store_loss::exchanged;
  adopting_ = false;
  if (!store_id_.empty()) {
    raises_adopted_.store(true, std::memory_order_release);
    begin_run();  // what a lane is still told by the former store has to be in the marks first
  }
  store_id_ = store_id;
  return store_loss::none;
}

std::string store_guard::store_id() const {
  const std::scoped_lock lock{mutex_};
  return store_id_;
}

std::string store_guard::instance() const {
  const std::scoped_lock lock{mutex_};
  return instance_;
}

void store_guard::rename_instance() {
  std::string drawn = settings_.instance + ':' + settings_.draw_token();
  const std::scoped_lock lock{mutex_};
  instance_ = std::move(drawn);
}

void store_guard::adopt() {
  const std::scoped_lock lock{mutex_};
  adopting_ = true;
}

void store_guard::lane_lost(std::size_t lane, store_loss how) {
  const std::scoped_lock lock{mutex_};
  const bool first = std::ranges::all_of(
      lanes_, [](const lane_standing& each) { return each.loss == store_loss::none; });
  lanes_[lane].loss = how;
  publish_loss();
  if (!first)
    return;
  notes.count_loss();
  begin_run();  // the others are to look for themselves
  wake_earlier();
}

void store_guard::lane_recovered(std::size_t lane) {
  const std::scoped_lock lock{mutex_};
  lanes_[lane].loss = store_loss::none;
  publish_loss();
}

void store_guard::publish_loss() {
  store_loss worst = store_loss::none;
  for (const lane_standing& each : lanes_)
    worst = std::max(worst, each.loss);
  loss_.store(worst, std::memory_order_release);
}

// ---- runs and recovery

std::size_t store_guard::join(std::function<void()> wake) {
  const std::scoped_lock lock{mutex_};
  lanes_.emplace_back().wake = std::move(wake);
  return lanes_.size() - 1;
}

std::uint64_t store_guard::meet_run(std::size_t lane, std::string_view run) {
  const std::scoped_lock lock{mutex_};
  if (run != run_) {
    run_ = run;
    begin_run();
  }
  const std::uint64_t number = run_number_.load(std::memory_order_relaxed);
  lanes_[lane].run = number;
  wake_earlier();
  return number;
}

void store_guard::wake_earlier() const {
  for (const lane_standing& each : lanes_) {
    if (each.run != 0 && each.run != run_number_.load(std::memory_order_relaxed))
      each.wake();
  }
}

void store_guard::begin_run() {
  for (lane_standing& each : lanes_)
    each.found = standing::unknown;
  closed_ = {};
  run_number_.fetch_add(1, std::memory_order_release);
}

std::uint64_t store_guard::meet_closing(std::size_t lane, std::uint64_t run_number,
                                        std::string_view closing) {
  const std::scoped_lock lock{mutex_};
  if (run_number != run_number_.load(std::memory_order_relaxed))
    return run_number;
  if (closed_.closing && *closed_.closing != closing)
    begin_run();
  closed_.closing = closing;
  lanes_[lane].run = run_number_.load(std::memory_order_relaxed);
  wake_earlier();
  return lanes_[lane].run;
}

std::string store_guard::closing() const {
  const std::scoped_lock lock{mutex_};
  return closed_.closing.value_or("");
}

void store_guard::note_ended(std::size_t lane) {
  const std::scoped_lock lock{mutex_};
  lanes_[lane].run = 0;
}

bool store_guard::all_have_ended() const {
  const std::scoped_lock lock{mutex_};
  return std::ranges::all_of(lanes_, [this](const lane_standing& each) {
    return each.run == 0 || each.run == run_number_.load(std::memory_order_relaxed);
  });
}

void store_guard::post(std::size_t lane, std::uint64_t run_number, standing found) {
  const std::scoped_lock lock{mutex_};
  if (run_number == run_number_.load(std::memory_order_relaxed))
    lanes_[lane].found = found;
}

standing store_guard::found_by(std::size_t lane) const {
  const std::scoped_lock lock{mutex_};
  return lanes_[lane].found;
}

standing store_guard::found() const {
  const std::scoped_lock lock{mutex_};
  standing all = gave_up_ ? standing::behind : standing::in_place;
  for (const lane_standing& each : lanes_) {
    if (each.found == standing::unknown)
      return standing::unknown;
    all = std::max(all, each.found);
  }
  return all;
}

void store_guard::note_given_up() {
  const std::scoped_lock lock{mutex_};
  gave_up_ = true;
}

std::shared_ptr<recovery_part> store_guard::claim_part(std::uint64_t run_number) {
  const std::scoped_lock lock{mutex_};
  if (run_number != run_number_.load(std::memory_order_relaxed) || !closed_.claimed.expired())
    return nullptr;
  // It has an owner count of its own, and keeps what it refers to.
  std::shared_ptr<recovery_part> claim{closed_.part.get(),
                                       [kept = closed_.part](recovery_part* /*part*/) {}};
  closed_.claimed = claim;
  return claim;
}

std::optional<time_point> store_guard::recovering_since() const {
  const std::scoped_lock lock{mutex_};
  return closed_.part->began();
}

void store_guard::note_open(std::uint64_t run_number) {
  const std::scoped_lock lock{mutex_};
  if (run_number != run_number_.load(std::memory_order_relaxed))
    return;
  closed_ = {.closing = ""};
  notes.set_awaited({});
}

}  // namespace turnomatic::redis
