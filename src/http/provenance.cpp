#include "http/provenance.hpp"

#include <algorithm>

namespace turnomatic::http {

void provenance::read_origin(std::string_view value) noexcept {
  // Of two that may differ none can be meant.
  origin = has(has_origin) ? std::string_view{} : value;
  marks |= has_origin;
}

// The values of Fetch Metadata are tokens whose case matters (W3C Fetch Metadata section 2, RFC
// 9651 section 3.3.4). One that is unknown says nothing.
void provenance::read_fetch_site(std::string_view value) noexcept {
  if (value == "cross-site" || value == "same-site")
    marks |= from_other_origin;
}

void provenance::read_fetch_mode(std::string_view value) noexcept {
  if (value == "cors")
    marks |= from_fetch;
  else if (value == "navigate")
    marks |= from_navigation;
}

void provenance::read_fetch_destination(std::string_view value) noexcept {
  for (const std::string_view frame : {"iframe", "frame", "embed", "object", "fencedframe"})
    if (value == frame)
      marks |= into_a_frame;
}

// "prefetch;prerender" is what Chrome says before it renders a page that nobody asked for; preview
// is Safari's word (WICG nav-speculation, Sec-Purpose).
void provenance::read_purpose(std::string_view value) noexcept {
  constexpr std::string_view separators = ",; \t";
  while (!value.empty()) {
    const std::string_view word = value.substr(0, value.find_first_of(separators));
    if (word == "prefetch" || word == "prerender" || word == "preview")
      marks |= prefetch;
    value.remove_prefix(std::min(value.size(), word.size() + 1));
  }
}

std::optional<problem> refuse_turn(const provenance& from, bool origin_is_allowed) noexcept {
  if (from.has(provenance::prefetch))
    return problem::prefetch;
  if (from.has(provenance::early_data))
    return problem::too_early;
  if (!from.has(provenance::from_other_origin))
    return std::nullopt;
  // A frame can be hidden: a page that embeds us is not a person who follows a link.
  const bool followed =
      from.has(provenance::from_navigation) && !from.has(provenance::into_a_frame);
  const bool readable = from.has(provenance::from_fetch) && origin_is_allowed;
  if (followed || readable)
    return std::nullopt;
  return problem::cross_origin;
}

}  // namespace turnomatic::http
