// The options that shape the load, and the plan that they make.
#pragma once

#include "load/plan.hpp"
#include "load/target.hpp"
#include "load/transport.hpp"

#include <CLI/CLI.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace turnomatic::bench {

/// As given, nothing checked but the form of numbers.
struct plan_options {
  std::vector<std::string> urls;
  std::vector<std::string> operators;
  std::string spread{"round-robin"};

  std::vector<std::string> id_names;
  std::uint32_t id_count{0};
  std::string id_file;
  std::string id_prefix{"bench-"};
  double zipf{0};

  std::uint32_t connections{64};
  std::uint32_t threads{1};
  std::uint32_t pipeline{1};
  bool close{false};
  bool post{false};
  std::uint64_t count{0};
  std::int64_t duration_ns{10'000'000'000};
  std::int64_t warm_up_ns{0};
  double rate{0};
  std::int64_t deadline_ns{5'000'000'000};
  std::uint32_t retries{0};
  std::int64_t key_lifetime_ns{60'000'000'000};
  std::uint64_t seed{1};

  std::vector<std::string> headers;
  std::string header_file;
  std::string bearer_token_file;
  std::string ca_file;
  bool insecure{false};
};

void add_plan_options(CLI::App& app, plan_options& options);

/// Turns `10s`, `500ms`, `2m` into nanoseconds; a bare number is refused.
[[nodiscard]] CLI::Validator duration_unit();

struct planned_run {
  plan how;
  tls_settings tls;
  std::vector<target> operators;
};

/// Checks the options against each other and reads the files that they name.
[[nodiscard]] boost::system::result<planned_run, complaint> make_plan(const plan_options& options);

}  // namespace turnomatic::bench
