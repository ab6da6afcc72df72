#include "proof/evidence.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace turnomatic::bench {

std::string_view name_of(violation kind) noexcept {
  switch (kind) {
    case violation::duplicate:
      return "duplicate";
    case violation::inversion:
      return "inversion";
    case violation::connection_order:
      return "connection_order";
    case violation::gap:
      return "gap";
    case violation::wrong_id:
      return "wrong_id";
    case violation::malformed:
      return "malformed";
  }
  return "unknown";
}

evidence::evidence(const clocks& relation, std::vector<std::uint8_t> clock_of, const limits& bounds)
    : relation_{relation},
      clock_of_{std::move(clock_of)},
      limits_{bounds},
      recent_(std::bit_ceil(std::max<std::size_t>(bounds.recent, 1))) {}

void evidence::report(const finding& what) {
  ++counts_[static_cast<std::size_t>(what.kind)];
  if (findings_.size() >= limits_.findings)
    return;
  finding& kept = findings_.emplace_back(what);
  if (relation_.size() == 1)
    return;
  for (std::optional<observation>* const each : {&kept.first, &kept.second}) {
    if (*each) {
      (*each)->sent = common_sent(**each);
      (*each)->received = common_received(**each);
    }
  }
}

void evidence::report_duplicate(const observation& second) {
  finding found{.kind = violation::duplicate, .id = second.id, .first = {}, .second = second};
  if (findings_.size() < limits_.findings) {
    const auto known = std::min<std::uint64_t>(remembered_, recent_.size());
    const auto end = recent_.begin() + static_cast<std::ptrdiff_t>(known);
    const auto holder = std::find_if(recent_.begin(), end, [&](const observation& answer) {
      return answer.id == second.id && answer.turn == second.turn;
    });
    if (holder != end)
      found.first = *holder;
  }
  report(found);
}

bool evidence::take_gap() noexcept {
  if (gaps_ < limits_.gaps) {
    ++gaps_;
    return true;
  }
  out_of_gaps_ = true;
  return false;
}

}  // namespace turnomatic::bench
