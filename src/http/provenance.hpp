// Where a request comes from, as far as browsers and front ends say so.
#pragma once

#include "http/problem.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace turnomatic::http {

/// What the fields of a request say about where it comes from. Most clients say nothing, so
/// everything about them costs one comparison. The view points into the bytes that were parsed.
struct provenance {
  enum mark : std::uint8_t {
    from_other_origin = 1,  ///< Sec-Fetch-Site: cross-site or same-site
    from_fetch = 2,         ///< Sec-Fetch-Mode: cors
    from_navigation = 4,    ///< Sec-Fetch-Mode: navigate
    into_a_frame = 8,       ///< Sec-Fetch-Dest: iframe, frame, embed, object or fencedframe
    preflight = 16,         ///< Access-Control-Request-Method
    prefetch = 32,          ///< Sec-Purpose, Purpose or X-Moz: prefetch and their like
    early_data = 64,        ///< Early-Data
    has_origin = 128        ///< Origin
  };

  std::uint8_t marks{0};
  std::string_view origin{};  ///< of the one Origin field, if there is one

  [[nodiscard]] bool has(mark m) const noexcept { return (marks & m) != 0; }

  void read_origin(std::string_view value) noexcept;
  void read_fetch_site(std::string_view value) noexcept;
  void read_fetch_mode(std::string_view value) noexcept;
  void read_fetch_destination(std::string_view value) noexcept;
  void read_purpose(std::string_view value) noexcept;
};

/// Why a request of such provenance takes no turn, if that is so: nobody has asked for it yet, or
/// the page that asks could not read the answer. `origin_is_allowed`: its origin is one of those
/// whose pages may.
[[nodiscard]] std::optional<problem> refuse_turn(const provenance& from,
                                                 bool origin_is_allowed) noexcept;

}  // namespace turnomatic::http
