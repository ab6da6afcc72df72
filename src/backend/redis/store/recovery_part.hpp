// How far an instance is with its part in a recovery of the store.
#pragma once

#include <turnomatic/turn.hpp>

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace turnomatic::redis {

/// Outlives the connection of the lane that speaks for the instance: what was raised and heard in
/// one closing of the store holds until the next.
///
/// Thread-safe.
class recovery_part {
 public:
  /// Since when the instance has known that the store is closed; the first call sets it.
  [[nodiscard]] time_point since(time_point now);
  /// Nothing before the first of those calls.
  [[nodiscard]] std::optional<time_point> began() const;

  /// All marks of the instance are in the store.
  [[nodiscard]] bool raised() const;
  void note_raised();

  /// The number of marks commands of all instances, as the store tells it; "0" before it did.
  void hear_marks(std::string_view number, time_point now);
  [[nodiscard]] std::string marks_heard() const;
  /// Since when no marks have come in.
  [[nodiscard]] time_point quiet_since() const;

 private:
  mutable std::mutex mutex_;
  std::optional<time_point> since_;
  bool raised_{false};
  std::string marks_heard_{"0"};
  time_point quiet_since_{};
};

}  // namespace turnomatic::redis
