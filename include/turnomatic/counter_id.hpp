// The name of a counter.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace turnomatic {

/// A valid id: 1 to 64 characters of `A-Z a-z 0-9 . _ ~ -` (the unreserved set of RFC 3986
/// section 2.3). Case matters. A value type without heap memory; an instance made by a
/// `from_` function is always valid.
class counter_id {
 public:
  static constexpr std::size_t size_max = 64;

  /// `text` as it stands, or nothing if it is no valid id.
  [[nodiscard]] static std::optional<counter_id> from_text(std::string_view text) noexcept;

  /// A URI path segment with its percent-encoding undone once (RFC 3986 section 2.1), or
  /// nothing if an escape is malformed or the result is no valid id.
  [[nodiscard]] static std::optional<counter_id> from_path_segment(
      std::string_view segment) noexcept;

  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

  friend bool operator==(const counter_id& a, const counter_id& b) noexcept {
    return a.text() == b.text();
  }

 private:
  counter_id() = default;

  std::uint8_t size_{0};
  std::array<char, size_max> text_;  // only the first size_ characters mean anything
};

}  // namespace turnomatic
