// What operators may do with counters in the memory of this process.
#pragma once

#include "backend/memory/counter_table.hpp"

#include <turnomatic/administrator.hpp>

namespace turnomatic::memory {

/// Looks at counters and sets them, at once. There is no breaker, and a counter in memory cannot be
/// behind what was issued.
class memory_administrator final : public administrator {
 public:
  /// `table` must outlive it.
  explicit memory_administrator(counter_table& table) noexcept : table_{table} {}

  void perform(const admin_request& request, completion done) override;

 private:
  [[nodiscard]] result<admin_answer> answer(const admin_request& request);
  [[nodiscard]] admin_answer peek(const counter_id& id) const;
  [[nodiscard]] admin_answer list(std::uint64_t cursor, std::uint32_t limit) const;
  [[nodiscard]] result<admin_answer> set(const admin_request& request);

  counter_table& table_;
};

}  // namespace turnomatic::memory
