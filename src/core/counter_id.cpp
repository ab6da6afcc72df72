#include <turnomatic/counter_id.hpp>

#include <algorithm>

namespace turnomatic {
namespace {

constexpr auto unreserved_table = [] {
  std::array<bool, 256> table{};
  for (int c = 'A'; c <= 'Z'; ++c)
    table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c)
    table[static_cast<std::size_t>(c)] = true;
  for (int c = '0'; c <= '9'; ++c)
    table[static_cast<std::size_t>(c)] = true;
  for (const char c : {'.', '_', '~', '-'})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

constexpr bool is_unreserved(char c) noexcept {
  return unreserved_table[static_cast<unsigned char>(c)];
}

constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<counter_id> counter_id::from_text(std::string_view text) noexcept {
  if (text.empty() || text.size() > size_max)
    return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), is_unreserved))
    return std::nullopt;
  counter_id id;
  id.size_ = static_cast<std::uint8_t>(text.copy(id.text_.data(), text.size()));
  return id;
}

std::optional<counter_id> counter_id::from_path_segment(std::string_view segment) noexcept {
  if (segment.find('%') == std::string_view::npos) [[likely]]
    return from_text(segment);
  counter_id id;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    char c = segment[i];
    if (c == '%') {
      if (segment.size() - i < 3)
        return std::nullopt;
      const int high = hex_value(segment[i + 1]);
      const int low = hex_value(segment[i + 2]);
      if (high < 0 || low < 0)
        return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (!is_unreserved(c) || id.size_ == size_max)
      return std::nullopt;
    id.text_[id.size_++] = c;
  }
  if (id.size_ == 0)
    return std::nullopt;
  return id;
}

}  // namespace turnomatic
