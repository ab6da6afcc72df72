// Leaves a trace of what operators change.
#pragma once

#include <turnomatic/administrator.hpp>

#include <memory>
#include <utility>

namespace turnomatic::app {

/// Writes a line for each change that was made, and for each that may have been made.
class logging_administrator final : public administrator {
 public:
  explicit logging_administrator(std::unique_ptr<administrator> performs) noexcept
      : performs_{std::move(performs)} {}

  void perform(const admin_request& request, completion done) override;

 private:
  const std::unique_ptr<administrator> performs_;
};

}  // namespace turnomatic::app
