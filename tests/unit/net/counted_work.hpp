// Deferred work that counts how often it runs.
#pragma once

#include "net/deferred_queue.hpp"

namespace turnomatic::net {

struct counted_work final : deferred_work {
  explicit counted_work(deferred_queue& in) : later{in} {}
  void run_deferred() override {
    ++runs;
    if (runs < repeat)
      later.add(*this);
  }

  deferred_queue& later;
  int repeat{0};
  int runs{0};
};

}  // namespace turnomatic::net
