#include "backend/redis/shard/acknowledgement.hpp"

#include "backend/redis/wire/commands.hpp"

namespace turnomatic::redis {

bool acknowledgement::append_wait(std::string& out) {
  if (settings_.replicas == 0)
    return false;
  redis::append_wait(out, settings_.replicas, settings_.timeout);
  ++waits_;
  return true;
}

// If fewer are asked for by now, those that were counted may be enough.
acknowledgement::outcome acknowledgement::on_wait(const reply& answer) noexcept {
  --waits_;
  if (held_.get() == nullptr)
    return outcome::nothing;
  if (answer.is_error())
    return outcome::refused;
  if (answer.type == reply::kind::integer && answer.integer >= settings_.replicas)
    return outcome::reached;
  missed_ = true;
  return outcome::missed;
}

acknowledgement::answered acknowledgement::release() noexcept {
  const answered made{reason_, *held_.get()};
  held_.clear();
  return made;
}

}  // namespace turnomatic::redis
