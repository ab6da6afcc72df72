#include "http/idempotency_key.hpp"

#include <turnomatic/counter_backend.hpp>

#include <algorithm>

namespace turnomatic::http {

std::optional<std::string_view> idempotency_key_of(std::string_view value) noexcept {
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
    value = value.substr(1, value.size() - 2);
  if (value.empty() || value.size() > take_operation::key_size_max)
    return std::nullopt;
  const bool sound = std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '\\' && c != ',' && c != ';';
  });
  return sound ? std::optional{value} : std::nullopt;
}

}  // namespace turnomatic::http
