// What may follow the head of a request.
#pragma once

#include <turnomatic/observer.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnomatic::http {

/// The longest body that is read and ignored, in bytes (docs/api.md: longer is 413).
inline constexpr std::size_t body_max = 1024;
/// The line of the last chunk with its extensions, in bytes (longer is 413).
inline constexpr std::size_t last_chunk_line_max = 256;

enum class body_kind : std::uint8_t { none, length, chunked };

/// How the head of a request frames its body.
struct body_framing {
  body_kind kind{body_kind::none};
  std::uint16_t length{0};  ///< of the kind `length`: 1 to body_max
};

/// What can be said of a body by the bytes received so far.
struct body_result {
  enum class verdict : std::uint8_t { incomplete, complete, rejected };

  verdict what;
  rejection why;     ///< if rejected
  std::size_t size;  ///< if complete: where the next request begins
};

/// Finds the end of a body that `input` begins with. A chunked body must have no content: many
/// front ends make one of an empty HTTP/2 stream. Its extensions are ignored if they keep to the
/// grammar (RFC 9112 section 7.1.1); trailer fields are refused like content. The first byte that
/// makes a body impossible is the last that is looked at.
///
/// Pure; looks at no more than last_chunk_line_max bytes and two line ends.
[[nodiscard]] body_result inspect_body(body_framing framing, std::string_view input) noexcept;

}  // namespace turnomatic::http
