#include "model/store_step.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace turnomatic::redis {

std::string text_of(const std::vector<step>& steps) {
  std::string text;
  for (const step& each : steps) {
    text += text.empty() ? "" : ", ";
    text += event_names[static_cast<std::size_t>(each.happening)];
    text += " @" + std::to_string(each.lane);
  }
  return text;
}

std::vector<step> steps_of(std::string_view text) {
  std::vector<step> steps;
  while (!text.empty()) {
    std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    one.remove_prefix(std::min(one.size(), one.find_first_not_of(' ')));
    const std::size_t name_size = std::min(one.size(), one.find(" @"));
    const auto found = std::ranges::find(event_names, one.substr(0, name_size));
    if (found == event_names.end())
      throw std::invalid_argument{"no event: " + std::string{one}};
    const bool has_lane = name_size < one.size();
    steps.push_back({static_cast<event>(found - event_names.begin()),
                     static_cast<std::uint8_t>(has_lane ? one.back() - '0' : 0)});
  }
  return steps;
}

int look_further() {
  const char* const text = std::getenv("MODEL_LOOK_FURTHER");
  return text == nullptr ? 0 : std::atoi(text);
}

std::uint64_t histories_of(std::uint64_t usual) {
  const int further = look_further();
  return further < 0 ? usual >> (-2 * further) : usual << (2 * further);
}

}  // namespace turnomatic::redis
