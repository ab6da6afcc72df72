// The bytes of a request.
#pragma once

#include "load/plan.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace turnomatic::bench {

/// Writes requests to one target; the parts that never change are made once.
class request_text {
 public:
  request_text(const plan& how, const target& where);

  /// Appends a request for a turn of `id`; with `key` unless that is empty.
  void append(std::string& out, std::string_view id, std::string_view key) const;

 private:
  std::string before_id_;
  std::string after_id_;  // with all but the empty line
};

}  // namespace turnomatic::bench
