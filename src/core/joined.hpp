// A list for people.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace turnomatic {

[[nodiscard]] inline std::string joined(std::span<const std::string> texts,
                                        std::string_view separator) {
  std::string all;
  for (const std::string& each : texts)
    all.append(all.empty() ? std::string_view{} : separator).append(each);
  return all;
}

}  // namespace turnomatic
