#include "app/memory_store.hpp"

#include "app/random.hpp"
#include "backend/memory/memory_administrator.hpp"
#include "backend/memory/memory_backend.hpp"

namespace turnomatic::app {
namespace {

// A few hundred bytes each while they live.
constexpr std::size_t idempotency_keys_max = 1'000'000;

// Read before the warning turns into refusals: a tenth of the table is left.
bool is_nearly_full(const memory::counter_table& table) {
  return std::uint64_t{table.size()} * 10 >= std::uint64_t{table.capacity()} * 9;
}

}  // namespace

memory_store::memory_store(const configuration& how)
    : counters_{how.memory.max_ids, random_seed()},
      keys_{idempotency_keys_max, random_seed(), how.idempotency.lifetime} {}

std::string memory_store::note() const {
  return "counters start again at 1 whenever this process starts";
}

std::unique_ptr<counter_backend> memory_store::make_backend(net::event_loop&, store_observer&,
                                                            std::uint32_t) {
  return std::make_unique<memory::memory_backend>(counters_, keys_);
}

std::unique_ptr<administrator> memory_store::make_administrator(net::event_loop&) {
  return std::make_unique<memory::memory_administrator>(counters_);
}

void memory_store::append_health(std::vector<health_check>& checks) const {
  health_check ids{
      "memory:ids", "datastore", health_status::pass, static_cast<double>(counters_.size()),
      "ids",        {}};
  if (is_nearly_full(counters_)) {
    ids.status = health_status::warn;
    ids.output = "memory.max_ids is nearly or wholly used up";
  }
  checks.push_back(std::move(ids));
}

void memory_store::assess(const noter& note) const {
  const bool full = counters_.size() == counters_.capacity();
  note(full, "id_table_full", "as many ids as memory.max_ids allows",
       "new ids are answered 507; the ids that exist go on counting");
  note(!full && is_nearly_full(counters_), "id_table_nearly_full",
       "more than nine tenths of memory.max_ids are taken",
       "none yet; at the limit new ids get 507");
}

void memory_store::sample(telemetry::instance_state& state) const {
  state.counters = counters_.size();
  state.counters_limit = counters_.capacity();
}

}  // namespace turnomatic::app
