// For tests that do not ask what a backend tells.
#pragma once

#include <turnomatic/store_observer.hpp>

namespace turnomatic::support {

class silent_store_observer : public store_observer {
 public:
  void packet_answered(std::size_t, std::uint64_t, duration) noexcept override {}
  void call_failed(store_failure) noexcept override {}
  void turns_burned(burn_reason, std::uint64_t) noexcept override {}
  void breaker_changed(breaker_state, breaker_state, breaker_reason) noexcept override {}
  void refused(store_refusal, std::string_view) noexcept override {}
  void happened(store_event, std::string_view) noexcept override {}
};

}  // namespace turnomatic::support
