// The first look at a request: raw bytes, before any parser sees them.
#pragma once

#include <turnomatic/observer.hpp>

#include <cstddef>
#include <string_view>

namespace turnomatic::http {

/// A request line, without its line end (docs/api.md: longer is 414).
inline constexpr std::size_t request_line_max = 1024;
/// All field lines with their line ends, without the empty line: the most that the limit of
/// `inspect_head` may be.
inline constexpr std::size_t header_bound = 16384;
/// Field lines (more is 431).
inline constexpr std::size_t fields_max = 64;

/// What the gate makes of the bytes received so far.
struct gate_result {
  enum class verdict { incomplete, accepted, rejected };

  verdict what;
  rejection why;              ///< if rejected
  std::size_t head_begin;     ///< if accepted: where the request line begins
  std::size_t head_end;       ///< if accepted: one past the empty line that ends the header
  char minor_version;         ///< if accepted: the digit after "HTTP/1."
  std::string_view target{};  ///< if accepted: the request target, within the input
};

/// Decides whether `input`, which begins where a request is due, holds a complete request
/// head whose bytes and lines are beyond doubt. What it accepts contains: a request line of three
/// parts in visible ASCII, of any HTTP/1.x (RFC 9110 section 2.5); field lines free of control
/// bytes and of line folding; CR LF at the end of every line and nowhere else; nothing over the
/// limits.
///
/// Beast's parser comes second and takes the lines apart. The gate exists because that
/// parser accepts what a server behind a proxy must refuse: two readings of one byte stream
/// are a smuggled request (RFC 9112 sections 2.2, 3, 5.1, 5.2, 11.2). A request that can no
/// longer become valid is rejected as soon as that is certain, not when it is complete.
///
/// `header_max` bounds the field lines, as `header_bound` says (longer is 431). Pure; looks at each
/// byte a bounded number of times; never reads past `input`.
[[nodiscard]] gate_result inspect_head(std::string_view input, std::size_t header_max) noexcept;

}  // namespace turnomatic::http
