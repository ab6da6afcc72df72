#include "core/client_buckets.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace turnomatic {

client_buckets::set& client_buckets::set_of(std::uint64_t client) noexcept {
  return sets_[XXH3_64bits_withSeed(&client, sizeof client, seed_) % sets_.size()];
}

std::optional<duration> client_buckets::take(std::uint64_t client, const token_rate& rate,
                                             time_point now) {
  set& in = set_of(client);
  const std::scoped_lock lock{in.mutex};
  auto found = std::ranges::find(in.entries, client, &entry::client);
  if (found == in.entries.end()) {
    found = std::ranges::min_element(in.entries, {},
                                     [](const entry& each) { return each.bucket.full_at(); });
    *found = {client, {}};
  }
  return found->bucket.take(rate, now);
}

void client_buckets::give_back(std::uint64_t client, const token_rate& rate) {
  set& in = set_of(client);
  const std::scoped_lock lock{in.mutex};
  const auto found = std::ranges::find(in.entries, client, &entry::client);
  if (found != in.entries.end())
    found->bucket.give_back(rate);
}

}  // namespace turnomatic
