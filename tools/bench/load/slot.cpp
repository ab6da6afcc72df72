#include "load/slot.hpp"

#include "load/turn_body.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace turnomatic::bench {
namespace {

constexpr std::size_t input_size_first = std::size_t{8} << 10;
constexpr std::size_t input_size_max = answer_reader::head_size_max + answer_reader::body_size_max;
constexpr std::size_t faulty_bodies_max = 10;
constexpr std::size_t faulty_body_size_max = 200;

constexpr moment milliseconds = 1'000'000;
constexpr moment back_off_first = 10 * milliseconds;
constexpr moment back_off_max = 1'000 * milliseconds;
// A server that said it would close is waited for, so that its port and not ours is held for
// the time that TCP keeps the names of ended connections.
constexpr moment ending_max = 1'000 * milliseconds;

}  // namespace

slot::slot(slot_context& context, std::uint32_t connection)
    : context_{context},
      connection_{connection},
      target_{context.how.target_of(connection)},
      requests_{context.how.pipeline},
      input_(input_size_first) {}

bool slot::has_room(moment now) const noexcept {
  const bool can_connect =
      state_ == state::closed && !context_.how.keep_alive && now >= connect_at_;
  return (state_ == state::open || can_connect) && requests_.size() < context_.how.pipeline;
}

bool slot::measured(const request& which) const noexcept {
  return which.due >= context_.measure_from;
}

// --- the connection ---

void slot::open(moment now) {
  if (context_.how.keep_alive)
    connect(now);
  else
    pump(now);
}

void slot::connect(moment now) {
  transport_ = context_.transports.open(context_.how.targets[target_]);
  since_ = now;
  state_ = state::connecting;
  fruitful_ = false;
  hung_up_ = false;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = this;
  if (!transport_ || ::epoll_ctl(context_.epoll, EPOLL_CTL_ADD, transport_->fd(), &event) != 0)
    fail(failure::connect, now);
}

void slot::on_connecting(moment now) {
  switch (transport_->establish()) {
    case io_status::done:
      state_ = state::open;
      since_ = now;
      pump(now);
      return;
    case io_status::want_read:
    case io_status::want_write:
      return;
    case io_status::closed:
    case io_status::failed:
      fail(context_.how.targets[target_].tls ? failure::tls : failure::connect, now);
      return;
  }
}

void slot::close() {
  transport_.reset();
  state_ = state::closed;
  output_.clear();
  written_ = 0;
  filled_ = 0;
  requests_.all_written();
  begun_.forget();
}

void slot::fail(failure why, moment now) {
  const bool established = state_ != state::connecting;
  requests_.take_back_unsent(written_);
  std::uint64_t failed = 0;
  while (requests_.under_way() > 0) {
    const request lost = requests_.take_oldest();
    failed += measured(lost) ? 1U : 0U;
    on_unknown_outcome(lost, now);
  }
  if (!established) {
    // An attempt counts even if no request waited for it: in a closed loop none does.
    const std::size_t waited = requests_.drop_never_sent();
    if (now >= context_.measure_from)
      failed += std::max<std::uint64_t>(1, waited);
  }
  context_.counted.failures[static_cast<std::size_t>(why)].add(failed);
  reopen(now);
}

void slot::reopen(moment now) {
  close();
  // A server that ends connections before it has answered anything is not to be hammered.
  if (fruitful_)
    back_off_ = 0;
  else
    back_off_ = back_off_ == 0 ? back_off_first : std::min(back_off_ * 2, back_off_max);
  connect_at_ = now + back_off_;
  on_tick(now);
}

void slot::on_ready(std::uint32_t events, moment now) {
  if (state_ == state::connecting) {
    on_connecting(now);
    return;
  }
  if (!output_.empty())
    flush(now);
  if (state_ != state::open && state_ != state::ending)
    return;  // it broke, and the events were not those of the next connection
  if ((events & ~std::uint32_t{EPOLLOUT}) != 0) {
    hung_up_ = hung_up_ || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    read(now);
  }
}

void slot::on_tick(moment now) {
  give_up_old_keys(now);
  const moment deadline = context_.how.deadline.count();
  switch (state_) {
    case state::closed:
      if (now >= connect_at_ && (context_.how.keep_alive || requests_.waiting() > 0))
        connect(now);
      else if (now >= connect_at_)
        pump(now);
      return;
    case state::connecting:
      if (now - since_ > deadline)
        fail(context_.how.targets[target_].tls ? failure::tls : failure::connect, now);
      return;
    case state::ending:
      if (now - since_ <= ending_max)
        return;
      if (requests_.under_way() == 0)
        reopen(now);
      else
        fail(failure::cut, now);
      return;
    case state::open:
      // One that has come meanwhile is not given up.
      if (is_late(now))
        read(now);
      if (state_ == state::open && is_late(now))
        fail(failure::deadline, now);
      return;
  }
}

bool slot::is_late(moment now) const noexcept {
  return requests_.under_way() > 0 &&
         now - requests_.oldest().last_sent > context_.how.deadline.count();
}

void slot::abandon(moment now) {
  requests_.take_back_unsent(written_);
  while (requests_.under_way() > 0)
    observe(requests_.take_oldest(), outcome::unknown, 0, now);
  while (const auto sent = requests_.take_sent_before(std::numeric_limits<moment>::max()))
    observe(*sent, outcome::unknown, 0, now);
  requests_.drop_never_sent();
  close();
}

// --- sending ---

void slot::pump(moment now) {
  if (state_ == state::closed) {
    if (context_.how.keep_alive || now < connect_at_)
      return;
    take_due(now);
    if (requests_.waiting() > 0)
      connect(now);
    return;
  }
  if (state_ != state::open)
    return;
  take_due(now);
  send(now);
}

void slot::take_due(moment now) {
  while (requests_.size() < context_.how.pipeline) {
    const auto due = context_.schedule.take(now);
    if (!due)
      return;
    requests_.add({.id = context_.ids.next(target_),
                   .tries = 0,
                   .due = *due,
                   .first_sent = 0,
                   .last_sent = 0,
                   .key = 0,
                   .begin = 0});
  }
}

void slot::send(moment now) {
  give_up_old_keys(now);
  if (requests_.waiting() == 0)
    return;
  // Later than all that this connection brought, so that the order along it is an order in time.
  const moment sent = std::max(now, last_received_ + 1);
  while (requests_.waiting() > 0) {
    request& next = requests_.start(sent, output_.size());
    if (next.key == 0 && context_.how.retries > 0)
      next.key = ++context_.keys_used;
    const std::string key =
        next.key == 0 ? std::string{} : context_.key_prefix + std::to_string(next.key);
    context_.texts[target_].append(output_, context_.how.ids[next.id], key);
  }
  flush(now);
}

void slot::flush(moment now) {
  while (written_ < output_.size()) {
    const io_result result = transport_->write_some(std::string_view{output_}.substr(written_));
    if (result.status == io_status::want_read || result.status == io_status::want_write)
      return;
    if (result.status != io_status::done) {
      // What the server wrote before it went may still be there to be read.
      read(now);
      if (state_ == state::open)
        fail(failure::cut, now);
      return;
    }
    written_ += result.size;
    if (now >= context_.measure_from)
      context_.counted.bytes_sent.add(result.size);
  }
  output_.clear();
  written_ = 0;
  requests_.all_written();
}

// --- receiving ---

void slot::read(moment now) {
  for (;;) {
    if (filled_ == input_.size()) {
      if (input_.size() >= input_size_max)
        return fail(failure::protocol, now);
      input_.resize(input_.size() * 2);
    }
    const std::size_t room = input_.size() - filled_;
    const io_result result = transport_->read_some({input_.data() + filled_, room});
    now = slot_context::now();
    if (result.status == io_status::want_read || result.status == io_status::want_write)
      break;
    if (result.status == io_status::closed)
      return on_end_of_input(now);
    if (result.status == io_status::failed)
      return requests_.under_way() == 0 ? reopen(now) : fail(failure::cut, now);
    filled_ += result.size;
    if (now >= context_.measure_from)
      context_.counted.bytes_received.add(result.size);
    if (!consume(/*ended=*/false, now))
      return;
    // A server that ignores that the connection was for one request does not decide.
    if (state_ == state::ending && !peer_closes_)
      return reopen(now);
    // A short read empties the socket; what comes later is announced, but the end has been.
    if (result.size < room && !hung_up_ && transport_->short_read_empties())
      break;
  }
  if (state_ == state::open)
    pump(now);
}

bool slot::consume(bool ended, moment now) {
  std::size_t begin = 0;
  while (begin < filled_ && state_ == state::open) {
    http_answer answer;
    std::size_t size = 0;
    const auto progress = requests_.under_way() == 0 ? answer_reader::progress::not_http
                                                     : context_.readers[target_].read(
                                                           {input_.data() + begin, filled_ - begin},
                                                           ended, begun_, answer, size);
    if (progress == answer_reader::progress::not_http) {
      fail(failure::protocol, now);
      return false;
    }
    if (progress == answer_reader::progress::incomplete)
      break;
    begin += size;
    on_answer(answer, now);
  }
  if (begin > 0)  // an answer that has come in part stays where it is
    std::move(input_.begin() + static_cast<std::ptrdiff_t>(begin),
              input_.begin() + static_cast<std::ptrdiff_t>(filled_), input_.begin());
  filled_ -= begin;
  return true;
}

void slot::on_answer(const http_answer& answer, moment now) {
  const request done = requests_.take_oldest();
  last_received_ = now;
  fruitful_ = true;
  if (measured(done))
    context_.counted.statuses[static_cast<std::size_t>(answer.status) % status_end].add(1);

  if (answer.status / 100 == 2) {
    const turn_body body = read_turn_body(answer.body, context_.how.ids[done.id]);
    if (body.what == outcome::answered && measured(done))
      context_.counted.latencies.add(std::chrono::nanoseconds{now - done.due});
    if (body.what != outcome::answered && context_.faulty_bodies.size() < faulty_bodies_max)
      context_.faulty_bodies.emplace_back(answer.body.substr(0, faulty_body_size_max));
    observe(done, body.what, body.turn, now);
  } else if (!certainly_not_applied(answer.status, answer.body)) {
    on_unknown_outcome(done, now);
  }
  ++context_.answers;
  context_.last_answer = now;
  if (answer.last || !context_.how.keep_alive) {
    state_ = state::ending;
    peer_closes_ = answer.last;
    since_ = now;
  }
}

void slot::on_end_of_input(moment now) {
  if (state_ == state::open && !consume(/*ended=*/true, now))
    return;
  if (requests_.under_way() > 0)
    fail(failure::cut, now);
  else
    reopen(now);
}

// A server that has forgotten the key takes another turn for it, and the first is missing then.
// So what is first sent before this is not sent again: its answer might not come within both the
// deadline and the lifetime of its key.
moment slot::first_sent_min(moment now) const noexcept {
  return now + (context_.how.deadline - context_.how.key_lifetime).count();
}

// They waited for a connection.
void slot::give_up_old_keys(moment now) {
  while (const auto old = requests_.take_sent_before(first_sent_min(now)))
    observe(*old, outcome::unknown, 0, now);
}

void slot::on_unknown_outcome(const request& which, moment now) {
  const bool key_is_known = which.first_sent >= first_sent_min(now);
  if (which.tries <= context_.how.retries && key_is_known && !context_.over) {
    requests_.add(which);
    if (measured(which))
      context_.counted.retries.add(1);
    return;
  }
  observe(which, outcome::unknown, 0, now);
}

void slot::observe(const request& which, outcome what, std::uint64_t turn, moment now) {
  context_.observed.push_back(
      make_observation(which.id, connection_, what, which.tries > 1, turn, which.first_sent, now));
}

}  // namespace turnomatic::bench
