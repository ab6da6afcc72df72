#include "load/descriptions.hpp"

#include "report/format.hpp"

namespace turnomatic::bench {
namespace {

std::vector<std::uint32_t> map_connections(std::uint32_t connections, std::uint32_t modulus) {
  std::vector<std::uint32_t> result(connections);
  for (std::uint32_t i = 0; i < connections; ++i)
    result[i] = i % modulus;
  return result;
}

std::string describe_ids(const plan& how) {
  if (how.ids.size() == 1)
    return "one (" + how.ids.front() + ")";
  const std::string count = grouped(how.ids.size());
  return how.popularity == id_spread::uniform ? count + ", uniform"
                                              : count + ", Zipf " + rounded(how.zipf_exponent);
}

}  // namespace

recording_header header_of(const plan& how) {
  recording_header header;
  describe_host(header);
  header.streams = how.threads;
  header.depth = how.pipeline;
  header.ids = how.ids;
  for (const target& each : how.targets)
    header.targets.push_back(each.url);
  header.stream_of_connection = map_connections(how.connections, how.threads);
  header.target_of_connection =
      map_connections(how.connections, static_cast<std::uint32_t>(how.targets.size()));
  return header;
}

prover::setup proof_of(const plan& how) {
  return {.ids = how.ids.size(),
          .depth = how.pipeline,
          .clock_of_stream = std::vector<std::uint8_t>(how.threads),
          .clock_of_connection = std::vector<std::uint8_t>(how.connections)};
}

run_setup setup_of(const plan& how) {
  run_setup setup;
  for (const target& each : how.targets)
    setup.targets.push_back(each.url);
  setup.ids = describe_ids(how);
  setup.method = how.post ? "POST" : "GET";
  setup.arrival = how.rate > 0 ? "open loop, " + rounded(how.rate) + "/s" : "closed loop";
  setup.connections = how.connections;
  setup.threads = how.threads;
  setup.pipeline = how.pipeline;
  setup.keep_alive = how.keep_alive;
  setup.idempotent = how.retries > 0;
  setup.deadline = how.deadline;
  setup.warm_up = how.warm_up;
  return setup;
}

std::vector<std::string> targets_by_connection(const plan& how) {
  std::vector<std::string> result;
  result.reserve(how.connections);
  for (std::uint32_t i = 0; i < how.connections; ++i)
    result.push_back(how.targets[how.target_of(i)].url);
  return result;
}

}  // namespace turnomatic::bench
