// A reply that is needed longer than its reader keeps it.
#pragma once

#include "backend/redis/wire/resp_codec.hpp"

#include <deque>
#include <string>

namespace turnomatic::redis {

/// A copy of one reply at a time. Makes no allocation for one no larger than those before.
class kept_reply {
 public:
  kept_reply() = default;
  kept_reply(const kept_reply&) = delete;
  kept_reply& operator=(const kept_reply&) = delete;

  void keep(const reply& from) {
    used_ = 0;
    root_ = copy(from);
  }
  void clear() noexcept { root_ = nullptr; }
  /// Null: there is none. Valid until `keep`.
  [[nodiscard]] const reply* get() const noexcept { return root_; }

 private:
  struct node : reply {
    std::string storage;
  };

  const reply* copy(const reply& from) {
    if (used_ == nodes_.size())
      nodes_.emplace_back();
    node& made = nodes_[used_++];
    made.type = from.type;
    made.integer = from.integer;
    made.storage = from.text;
    made.text = made.storage;
    made.elements.clear();
    for (const reply* const each : from.elements)
      made.elements.push_back(copy(*each));
    return &made;
  }

  std::deque<node> nodes_;
  std::size_t used_{0};
  const reply* root_{nullptr};
};

}  // namespace turnomatic::redis
