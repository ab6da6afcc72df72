#include "backend/redis/endpoint/sentinel_inquiry.hpp"

#include "backend/redis/endpoint/sentinel_cures.hpp"

#include <utility>

namespace turnomatic::redis {

sentinel_inquiry::sentinel_inquiry(net::event_loop& loop, sentinel_resolver& resolver,
                                   credential_source& source,
                                   const net::name_lookup::resolver& lookup,
                                   const dialer::settings& config)
    : loop_{loop},
      resolver_{resolver},
      line_{{loop, source, *this, *this, lookup}, config},
      timer_{loop.io} {}

void sentinel_inquiry::start(time_point deadline, completion done) {
  cancel();
  done_ = std::move(done);
  const time_point now = loop_.time.now();
  resolver_.begin(now, deadline);
  ask_next(now);
}

void sentinel_inquiry::cancel() noexcept {
  done_ = nullptr;
  due_ = time_point::max();
  line_.port().close();
}

void sentinel_inquiry::finish(const outcome& found) {
  const completion done = std::exchange(done_, nullptr);
  cancel();
  done(found);
}

void sentinel_inquiry::ask_next(time_point now) {
  const auto next = resolver_.next(now);
  if (!next)
    return finish(resolver_.settle_for_less()
                      ? outcome{resolver_.primary()}
                      : outcome{boost::system::in_place_error, resolver_.trouble()});
  due_ = next->until;
  line_.open(next->sentinel, next->until - now);
}

void sentinel_inquiry::on_open(time_point /*now*/) {
  connection_port& sentinel = line_.port();
  resolver_.append_questions(sentinel.output(), sentinel.password());
  sentinel.write();
  wait_for_answer();
}

void sentinel_inquiry::on_closed(std::string_view why, time_point now) {
  resolver_.give_up(why);
  ask_next(now);
}

void sentinel_inquiry::on_reply(const reply& answer, time_point now) {
  switch (resolver_.take(answer)) {
    case sentinel_resolver::progress::goes_on:
      return;
    case sentinel_resolver::progress::found:
      line_.port().approve();
      return finish(resolver_.primary());
    case sentinel_resolver::progress::no_answer:
      return ask_next(now);
  }
}

// Until the connection stands the line limits the time, and says at which step it was over. The
// wait before this one ends with an error, or finds that it is too early.
void sentinel_inquiry::wait_for_answer() {
  timer_.expires_at(due_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || loop_.time.refresh() < due_)
      return;
    resolver_.give_up(sentinel_is_silent);
    ask_next(loop_.time.now());
  });
}

}  // namespace turnomatic::redis
