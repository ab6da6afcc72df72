#include <turnomatic/error.hpp>

#include <string>

namespace turnomatic {
namespace {

class category_impl final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "turnomatic"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::counter_exhausted:
        return "the counter has reached its last turn";
      case errc::store_full:
        return "the store is full";
      case errc::too_many_new_ids:
        return "too many new ids";
      case errc::unavailable:
        return "the store cannot be reached";
      case errc::breaker_open:
        return "the circuit breaker is open";
      case errc::deadline_passed:
        return "the deadline passed before the turn was taken";
      case errc::overloaded:
        return "overloaded";
      case errc::outcome_unknown:
        return "the outcome is unknown";
      case errc::store_behind:
        return "the store has lost turns that were issued";
      case errc::draining:
        return "the instance is shutting down";
      case errc::counter_ahead:
        return "the counter is at this turn already, or above it";
      case errc::counter_moved:
        return "the counter is not at the turn that was expected";
      case errc::not_supported:
        return "the backend has no such thing";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& turnomatic_category() noexcept {
  static const category_impl category;
  return category;
}

error_class classify(const boost::system::error_code& error) noexcept {
  if (error.category() != turnomatic_category())
    return error_class::outcome_unknown;
  switch (static_cast<errc>(error.value())) {
    case errc::too_many_new_ids:
    case errc::unavailable:
    case errc::breaker_open:
    case errc::deadline_passed:
    case errc::overloaded:
    case errc::draining:
      return error_class::retryable;
    case errc::counter_exhausted:
    case errc::store_full:
    case errc::store_behind:
    case errc::counter_ahead:
    case errc::counter_moved:
    case errc::not_supported:
      return error_class::permanent;
    case errc::outcome_unknown:
      return error_class::outcome_unknown;
  }
  return error_class::outcome_unknown;
}

}  // namespace turnomatic
