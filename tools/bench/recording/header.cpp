#include "recording/header.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <random>
#include <string_view>

namespace turnomatic::bench {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t id_size_max = 64;
constexpr std::uint32_t depth_max = 1024;
constexpr std::uint32_t streams_max = 1024;
constexpr moment clock_offset_max = moment{1} << 61;
constexpr std::size_t connections_max = std::size_t{1} << 28;

bool all_below(const std::vector<std::uint32_t>& values, std::size_t end) {
  return std::all_of(values.begin(), values.end(), [end](std::uint32_t v) { return v < end; });
}

bool makes_sense(const recording_header& header) {
  const bool ids_fit = std::all_of(header.ids.begin(), header.ids.end(), [](const auto& id) {
    return !id.empty() && id.size() <= id_size_max;
  });
  const bool clock_fits =
      header.clock_offset > -clock_offset_max && header.clock_offset < clock_offset_max;
  return ids_fit && clock_fits && !header.ids.empty() && header.streams > 0 &&
         header.streams <= streams_max && header.depth > 0 && header.depth <= depth_max &&
         header.stream_of_connection.size() < connections_max &&
         header.stream_of_connection.size() == header.target_of_connection.size() &&
         all_below(header.stream_of_connection, header.streams) &&
         all_below(header.target_of_connection, header.targets.size());
}

}  // namespace

void describe_host(recording_header& header) {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  header.host = name.data();
  std::random_device random;
  header.run_id = std::to_string(random()) + '-' + std::to_string(random());
  std::ifstream{"/proc/sys/kernel/random/boot_id"} >> header.boot_id;
  using std::chrono::nanoseconds;
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
  header.clock_offset = nanoseconds{since_1970}.count() - nanoseconds{since_boot}.count();
}

std::string to_json(const recording_header& header) {
  return json{{"run_id", header.run_id},
              {"host", header.host},
              {"boot_id", header.boot_id},
              {"clock_offset_ns", header.clock_offset},
              {"streams", header.streams},
              {"depth", header.depth},
              {"targets", header.targets},
              {"stream_of_connection", header.stream_of_connection},
              {"target_of_connection", header.target_of_connection},
              {"ids", header.ids}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string to_json(const recording_end& end) {
  json document{{"observations", end.observations}};
  if (end.account.burned)
    document["burned"] = *end.account.burned;
  if (end.account.lost)
    document["account_lost"] = true;
  return document.dump();
}

std::optional<recording_header> header_from_json(std::string_view text) {
  try {
    const json document = json::parse(text);
    recording_header result;
    document.at("run_id").get_to(result.run_id);
    document.at("host").get_to(result.host);
    document.at("boot_id").get_to(result.boot_id);
    document.at("clock_offset_ns").get_to(result.clock_offset);
    document.at("streams").get_to(result.streams);
    document.at("depth").get_to(result.depth);
    document.at("targets").get_to(result.targets);
    document.at("stream_of_connection").get_to(result.stream_of_connection);
    document.at("target_of_connection").get_to(result.target_of_connection);
    document.at("ids").get_to(result.ids);
    return makes_sense(result) ? std::optional{std::move(result)} : std::nullopt;
  } catch (const json::exception&) {
    return {};
  }
}

std::optional<recording_end> end_from_json(std::string_view text) {
  try {
    const json document = json::parse(text);
    recording_end result;
    document.at("observations").get_to(result.observations);
    if (document.contains("burned"))
      result.account.burned = document.at("burned").get<std::uint64_t>();
    result.account.lost = document.value("account_lost", false);
    return result;
  } catch (const json::exception&) {
    return {};
  }
}

}  // namespace turnomatic::bench
