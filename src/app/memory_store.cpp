#include "app/memory_store.hpp"

#include "backend/memory/memory_administrator.hpp"
#include "backend/memory/memory_backend.hpp"
#include "core/random.hpp"

#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>

namespace turnomatic::app {
namespace {

// Read before the warning turns into refusals: a tenth of the table is left.
bool is_nearly_full(const auto& table) {
  return std::uint64_t{table.size()} * 10 >= std::uint64_t{table.capacity()} * 9;
}

health_check fill_check(std::string name, const auto& table, std::string unit,
                        std::string warning) {
  health_check check{std::move(name),     "datastore",
                     health_status::pass, static_cast<double>(table.size()),
                     std::move(unit),     {}};
  if (is_nearly_full(table)) {
    check.status = health_status::warn;
    check.output = std::move(warning);
  }
  return check;
}

}  // namespace

memory_store::memory_store(const configuration& how, std::size_t keys_max) try
    : counters_{how.memory.max_ids, random_seed()},
      keys_{keys_max, random_seed(), how.idempotency.lifetime},
      new_ids_{new_id_settings_of(how), random_seed()} {
} catch (const std::bad_alloc&) {
  constexpr std::size_t mebibyte = 1 << 20;
  throw std::runtime_error{
      "memory.max_ids = " + std::to_string(how.memory.max_ids) + ": no memory for a table of " +
      std::to_string(memory::counter_table::bytes_of(how.memory.max_ids) / mebibyte) + " MiB"};
}

std::string memory_store::note() const {
  return "counters start again at 1 whenever this process starts";
}

std::unique_ptr<counter_backend> memory_store::make_backend(net::event_loop&, store_observer&,
                                                            std::uint32_t) {
  return std::make_unique<memory::memory_backend>(counters_, keys_, &new_ids_);
}

void memory_store::apply(const configuration& how) {
  keys_.set_lifetime(how.idempotency.lifetime);
  new_ids_.apply(new_id_settings_of(how));
}

std::unique_ptr<administrator> memory_store::make_administrator(net::event_loop&) {
  return std::make_unique<memory::memory_administrator>(counters_);
}

void memory_store::append_health(std::vector<health_check>& checks) const {
  checks.push_back(
      fill_check("memory:ids", counters_, "ids", "memory.max_ids is nearly or wholly used up"));
  checks.push_back(fill_check("memory:idempotency_keys", keys_, "keys",
                              "as many keys as are remembered, or nearly"));
}

void memory_store::assess(time_point now, const noter& note) {
  const bool full = counters_.size() == counters_.capacity();
  note(full, "id_table_full", "as many ids as memory.max_ids allows",
       "new ids are answered 507; the ids that exist go on counting");
  note(!full && is_nearly_full(counters_), "id_table_nearly_full",
       "more than nine tenths of memory.max_ids are taken",
       "none yet; at the limit new ids get 507");

  keys_.sweep(now);
  const bool keys_nearly_full = is_nearly_full(keys_);
  // Keys come and end all the time: what is full stays so until there is room to speak of.
  keys_full_ = keys_.refuses_some() || (keys_full_ && keys_nearly_full);
  note(
      keys_full_, "idempotency_keys_full", "as many Idempotency-Keys as can be remembered",
      "turns under new keys are answered 503; known keys get their turn, others are not concerned");
  note(!keys_full_ && keys_nearly_full, "idempotency_keys_nearly_full",
       "more than nine tenths of the Idempotency-Keys that can be remembered are",
       "none yet; at the limit turns under new keys get 503");
}

void memory_store::sample(telemetry::instance_state& state) const {
  state.counters = counters_.size();
  state.counters_limit = counters_.capacity();
  state.idempotency_keys = keys_.size();
  state.idempotency_keys_limit = keys_.capacity();
  state.new_ids = refusals_of(new_ids_);
}

}  // namespace turnomatic::app
