#include "app/store.hpp"

#include "app/memory_store.hpp"
#include "app/redis_store.hpp"

namespace turnomatic::app {

std::unique_ptr<store> make_store(const configuration& how) {
  if (how.backend == backend_kind::redis)
    return std::make_unique<redis_store>(how);
  return std::make_unique<memory_store>(how);
}

}  // namespace turnomatic::app
