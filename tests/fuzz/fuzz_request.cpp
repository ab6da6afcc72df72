// The request gate and the parser behind it, on arbitrary bytes. What the gate accepts is
// checked against what it promises; a verdict must not depend on how much has arrived.
#include "http/request.hpp"
#include "http/request_gate.hpp"
#include "http/request_target.hpp"
#include "http/router.hpp"

#include <turnomatic/counter_id.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace turnomatic;
using verdict = http::gate_result::verdict;

constexpr std::size_t header_max = 8192;

void require(bool holds) {
  if (!holds)
    std::abort();
}

// No byte of an accepted head may mean something else to another reader.
void check_accepted(std::string_view head) {
  require(head.ends_with("\r\n\r\n"));
  require(head.find("\r\n\r\n") == head.size() - 4);
  require(head.size() <= http::request_line_max + header_max + 4);
  require(head.find("\r\n ") == std::string_view::npos);
  require(head.find("\r\n\t") == std::string_view::npos);
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto byte = static_cast<unsigned char>(head[i]);
    require(byte >= 0x20 || byte == '\r' || byte == '\n' || byte == '\t');
    require(byte != 0x7f);
    require(byte != '\r' || head[i + 1] == '\n');
    require(byte != '\n' || head[i - 1] == '\r');
  }
  const std::string_view line = head.substr(0, head.find('\r'));
  require(line.size() <= http::request_line_max);
  require(std::count(line.begin(), line.end(), ' ') == 2);
  require(std::count(head.begin(), head.end(), '\n') <= static_cast<long>(http::fields_max) + 2);
}

// `behind` is what the head is followed by. The end of a body must not depend on how much of it has
// arrived.
void check_body(http::body_framing framing, std::string_view behind) {
  const auto whole = http::inspect_body(framing, behind);
  require(whole.size <= behind.size());
  for (std::size_t size = 0; size < behind.size() && size < 64; ++size) {
    const auto part = http::inspect_body(framing, behind.substr(0, size));
    if (part.what == http::body_result::verdict::incomplete)
      continue;
    require(part.what == whole.what && part.size == whole.size && part.why == whole.why);
  }
}

void check_parsed(std::string_view head, std::string_view behind, std::string_view target) {
  const auto parsed = http::parse_head(head);
  if (!parsed)
    return;
  check_body(parsed->body, behind);
  const auto inside = [head](std::string_view part) {
    return part.empty() || part == "/" ||
           (part.data() >= head.data() && part.data() + part.size() <= head.data() + head.size());
  };
  require(inside(parsed->target));
  require(parsed->target == target);
  const std::string_view path = http::path_in(parsed->target);
  require(inside(path));
  require(path.find('?') == std::string_view::npos);
  const auto match = http::match_route(path, http::audience::callers);
  require(match.route == route::turn || !match.id);
  if (match.id) {
    require(counter_id::from_text(match.id->text()) == match.id);
    require(match.id->text().size() <= path.size());
  }
}

void check_prefix(std::string_view input, std::size_t size, const http::gate_result& whole) {
  const auto part = http::inspect_head(input.substr(0, size), header_max);
  if (part.what == verdict::incomplete)
    return;
  require(part.what == whole.what);
  require(part.head_end == whole.head_end);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto whole = http::inspect_head(input, header_max);
  if (whole.what == verdict::accepted) {
    const std::string_view head = input.substr(whole.head_begin, whole.head_end - whole.head_begin);
    check_accepted(head);
    const std::string_view behind = input.substr(whole.head_end);
    if (whole.minor_version > '1')
      check_parsed(http::as_http_1_1(head), behind, whole.target);
    else
      check_parsed(head, behind, whole.target);
  }
  for (const std::size_t cut :
       {size / 2, size - std::min<std::size_t>(size, 1), size - std::min<std::size_t>(size, 3)})
    check_prefix(input, cut, whole);
  return 0;
}
