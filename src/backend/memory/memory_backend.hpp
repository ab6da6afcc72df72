// Counters in the memory of this process: the reference for what a counter does.
#pragma once

#include "backend/memory/counter_table.hpp"
#include "backend/memory/once_table.hpp"
#include "core/new_id_limit.hpp"

#include <turnomatic/counter_backend.hpp>

namespace turnomatic::memory {

/// One worker's view of a table that all workers of the process share. Every operation
/// completes at once, so there is never anything to cancel. The counters end with the
/// process; it is for development and tests, and for one instance only.
class memory_backend final : public counter_backend {
 public:
  /// All must outlive the backend. Without `new_ids` there is no limit but the table's.
  memory_backend(counter_table& table, once_table& keys, new_id_limit* new_ids = nullptr) noexcept
      : table_{table}, keys_{keys}, new_ids_{new_ids} {}

  [[nodiscard]] std::optional<take_operation::result_type> start(take_operation& op,
                                                                 time_point now) override;
  void expect(const counter_id& id) noexcept override { table_.prefetch(id); }
  [[nodiscard]] bool cancel(take_operation& op) noexcept override;

 private:
  [[nodiscard]] take_operation::result_type take_turns(take_operation& op, time_point now);
  [[nodiscard]] result<counter_table::counter*> create(take_operation& op, time_point now);

  counter_table& table_;
  once_table& keys_;
  new_id_limit* const new_ids_;
};

}  // namespace turnomatic::memory
