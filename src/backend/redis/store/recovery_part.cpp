#include "backend/redis/store/recovery_part.hpp"

namespace turnomatic::redis {

time_point recovery_part::since(time_point now) {
  const std::scoped_lock lock{mutex_};
  if (!since_)
    since_ = now;
  return *since_;
}

std::optional<time_point> recovery_part::began() const {
  const std::scoped_lock lock{mutex_};
  return since_;
}

bool recovery_part::raised() const {
  const std::scoped_lock lock{mutex_};
  return raised_;
}

void recovery_part::note_raised() {
  const std::scoped_lock lock{mutex_};
  raised_ = true;
}

void recovery_part::hear_marks(std::string_view number, time_point now) {
  const std::scoped_lock lock{mutex_};
  if (marks_heard_ == number)
    return;
  marks_heard_ = number;
  quiet_since_ = now;
}

std::string recovery_part::marks_heard() const {
  const std::scoped_lock lock{mutex_};
  return marks_heard_;
}

time_point recovery_part::quiet_since() const {
  const std::scoped_lock lock{mutex_};
  return quiet_since_;
}

}  // namespace turnomatic::redis
