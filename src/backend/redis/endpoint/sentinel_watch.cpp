#include "backend/redis/endpoint/sentinel_watch.hpp"

#include "backend/redis/wire/sentinel_commands.hpp"

#include <utility>

namespace turnomatic::redis {

sentinel_watch::sentinel_watch(settings config, std::minstd_rand::result_type seed)
    : settings_{std::move(config)}, backoff_{waits, seed} {}

void sentinel_watch::enter(phase next, time_point until) noexcept {
  phase_ = next;
  until_ = until;
  pinged_ = false;
}

void sentinel_watch::begin(time_point now) {
  if (phase_ == phase::off)
    enter(phase::waiting, now);
}

auto sentinel_watch::due(time_point now) const noexcept -> action {
  if (now < until_)
    return action::nothing;
  switch (phase_) {
    case phase::waiting:
      return action::connect;
    case phase::logging_in:
    case phase::asking_epoch:
    case phase::asking:
      return action::give_up;
    case phase::subscribed:
      return pinged_ ? action::give_up : action::ping;
    case phase::off:
    case phase::connecting:
      break;
  }
  return action::nothing;
}

void sentinel_watch::connects() noexcept {
  enter(phase::connecting, time_point::max());
}

void sentinel_watch::append_greeting(std::string& out, std::string_view password, time_point now) {
  const bool logs_in = append_login(out, settings_.user, password);
  append_epoch_question(out, settings_.primary);
  append_primary_question(out, settings_.primary);
  append_subscription(out);
  enter(logs_in ? phase::logging_in : phase::asking_epoch, now + patience);
}

auto sentinel_watch::take(const reply& answer, time_point now) -> verdict {
  if (phase_ == phase::asking_epoch) {
    epoch_ = read_epoch(answer);
    enter(phase::asking, until_);
    return {};
  }
  if (answer.is_error())
    return {.type = verdict::kind::broken};
  if (phase_ == phase::logging_in) {
    enter(phase::asking_epoch, until_);
    return {};
  }
  if (phase_ == phase::asking) {
    if (is_subscribed(answer)) {
      attempt_ = 0;
      backoff_.reset();
      enter(phase::subscribed, now + ping_period);
      return {};
    }
    auto host = read_primary(answer);
    if (!host)
      return {.type = verdict::kind::broken};
    return {verdict::kind::told, std::move(*host), epoch_};
  }
  enter(phase_, now + ping_period);
  if (auto host = read_switch(answer, settings_.primary))
    return {verdict::kind::switched, std::move(*host), {}};
  return {};
}

void sentinel_watch::append_ping(std::string& out, time_point now) {
  redis::append_ping(out);
  until_ = now + patience;
  pinged_ = true;
}

void sentinel_watch::closed(time_point now) {
  ++attempt_;
  enter(phase::waiting, now + backoff_.next());
}

}  // namespace turnomatic::redis
