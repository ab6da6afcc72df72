// What a store says when it refuses, by kind.
#pragma once

#include <turnomatic/store_observer.hpp>

#include <span>
#include <string_view>

namespace turnomatic::redis {

/// How errors of one kind begin.
struct refusal_row {
  std::string_view beginning;  ///< a whole code ("OOM"), or a code and words
  store_refusal kind;
};

/// The first row that fits an error decides. What fits none is store_refusal::other.
[[nodiscard]] std::span<const refusal_row> refusal_table() noexcept;

/// The kind of an error reply, for operators.
[[nodiscard]] store_refusal refusal_of(std::string_view error) noexcept;

}  // namespace turnomatic::redis
