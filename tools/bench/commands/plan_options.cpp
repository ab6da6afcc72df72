#include "commands/plan_options.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <set>

namespace turnomatic::bench {
namespace {

constexpr std::uint32_t pipeline_max = 256;
constexpr std::uint32_t threads_max = 256;
constexpr std::uint32_t connections_max = 1'000'000;
constexpr std::uint32_t ids_max = 10'000'000;
constexpr std::size_t id_size_max = 64;

void add_load_options(CLI::App& app, plan_options& options) {
  app.add_option("-c,--connections", options.connections, "Connections in all")
      ->check(CLI::Range(1U, connections_max))
      ->capture_default_str();
  app.add_option("-t,--threads", options.threads, "Threads that share them")
      ->check(CLI::Range(1U, threads_max))
      ->capture_default_str();
  app.add_option("-p,--pipeline", options.pipeline, "Requests under way per connection")
      ->check(CLI::Range(1U, pipeline_max))
      ->capture_default_str();
  app.add_flag("--close", options.close, "A connection per request");
  app.add_flag("--post", options.post, "POST instead of GET");
  auto* const duration =
      app.add_option("-d,--duration", options.duration_ns, "How long to send, such as 10s")
          ->transform(duration_unit())
          ->type_name("TIME")
          ->default_str("10s");
  app.add_option("-n,--count", options.count, "Send this many requests instead")
      ->check(CLI::PositiveNumber)
      ->excludes(duration);
  app.add_option("--warm-up", options.warm_up_ns,
                 "Load before it that is proven but not counted, such as 2s")
      ->transform(duration_unit())
      ->type_name("TIME");
  app.add_option("-R,--rate", options.rate,
                 "Open loop: requests a second in all, sent when due whatever the server does; "
                 "latencies count from then. Without it each connection waits for its answer")
      ->check(CLI::PositiveNumber);
  app.add_option("--deadline", options.deadline_ns, "For one answer, such as 5s")
      ->transform(duration_unit())
      ->type_name("TIME")
      ->default_str("5s");
  app.add_option("--retries", options.retries,
                 "Send a request of unknown outcome again, this often at most, under an "
                 "Idempotency-Key")
      ->check(CLI::Range(0U, 100U));
  app.add_option("--key-lifetime", options.key_lifetime_ns,
                 "How long the servers remember a key (their idempotency.lifetime): what cannot be "
                 "answered by then is not sent again")
      ->transform(duration_unit())
      ->type_name("TIME")
      ->default_str("60s");
}

void add_id_options(CLI::App& app, plan_options& options) {
  auto* const names = app.add_option("--id", options.id_names, "Ask for this id (repeat it)");
  auto* const count =
      app.add_option("--ids", options.id_count, "Ask for this many ids: PREFIX0, PREFIX1, ...")
          ->check(CLI::Range(1U, ids_max))
          ->excludes(names);
  app.add_option("--id-file", options.id_file, "Ask for the ids in this file, one a line")
      ->type_name("FILE")
      ->excludes(names)
      ->excludes(count);
  app.add_option("--id-prefix", options.id_prefix, "For --ids")
      ->capture_default_str()
      ->needs(count);
  app.add_option("--zipf", options.zipf,
                 "Draw ids by Zipf's law with this exponent, the first most often, instead of "
                 "evenly")
      ->check(CLI::Range(0.01, 10.0));
  app.add_option("--seed", options.seed, "Of the draws")->capture_default_str();
}

void add_header_options(CLI::App& app, plan_options& options) {
  app.add_option("--header", options.headers, "Send `Name: value` as well (repeat it)");
  app.add_option("--header-file", options.header_file,
                 "Send these header lines as well: keeps a key out of the process list")
      ->type_name("FILE");
  app.add_option("--bearer-token-file", options.bearer_token_file,
                 "Send the token in this file as `Authorization: Bearer`")
      ->type_name("FILE");
  app.add_option("--ca-file", options.ca_file, "Trust these certificates (PEM) for https")
      ->type_name("FILE");
  app.add_flag("--insecure", options.insecure, "Accept any certificate");
}

bool is_id(std::string_view id) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-";
  return !id.empty() && id.size() <= id_size_max &&
         id.find_first_not_of(allowed) == std::string_view::npos;
}

using lines = std::vector<std::string>;

boost::system::result<lines, complaint> read_lines(const std::string& path) {
  std::ifstream file{path};
  if (!file)
    return complaint{path + ": cannot be read"};
  lines result;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r'))
      line.pop_back();
    if (!line.empty())
      result.push_back(line);
  }
  return result;
}

boost::system::result<lines, complaint> ids_of(const plan_options& options) {
  lines ids = options.id_names;
  if (!options.id_file.empty()) {
    auto read = read_lines(options.id_file);
    if (!read)
      return read.error();
    ids = std::move(*read);
    if (ids.empty())
      return complaint{options.id_file + ": no ids in it"};
  }
  for (std::uint32_t i = 0; i < options.id_count; ++i)
    ids.push_back(options.id_prefix + std::to_string(i));
  if (ids.empty())
    ids.emplace_back("bench");
  std::set<std::string_view> seen;
  for (const std::string& id : ids) {
    if (!is_id(id))
      return complaint{"not an id (1 to 64 of A-Z a-z 0-9 . _ ~ -): " + id};
    if (!seen.insert(id).second)
      return complaint{"an id is named twice: " + id};
  }
  return ids;
}

// The generator writes these itself; twice they would change what a request means.
bool is_ours(std::string_view line) {
  static constexpr std::array<std::string_view, 5> names{
      "host", "content-length", "transfer-encoding", "connection", "idempotency-key"};
  const std::string_view name = line.substr(0, line.find(':'));
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view own) { return boost::beast::iequals(own, name); });
}

// A line that would end the header or begin another must not get into a request.
bool is_header_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  const auto printable = [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; };
  return colon != 0 && colon != std::string_view::npos && line.find_first_of(" \t") > colon &&
         std::all_of(line.begin(), line.end(), printable);
}

boost::system::result<lines, complaint> headers_of(const plan_options& options) {
  lines headers = options.headers;
  if (!options.header_file.empty()) {
    auto read = read_lines(options.header_file);
    if (!read)
      return read.error();
    headers.insert(headers.end(), read->begin(), read->end());
  }
  if (!options.bearer_token_file.empty()) {
    auto read = read_lines(options.bearer_token_file);
    if (!read)
      return read.error();
    if (read->size() != 1)
      return complaint{options.bearer_token_file + ": one line, the token, is expected"};
    headers.push_back("Authorization: Bearer " + read->front());
  }
  for (const std::string& line : headers) {
    // What it says may be secret.
    if (!is_header_line(line))
      return complaint{"a header is not of the form `Name: value`"};
    if (is_ours(line))
      return complaint{"turnomatic-bench writes this header itself: " +
                       line.substr(0, line.find(':'))};
  }
  return headers;
}

boost::system::result<std::vector<target>, complaint> parse_targets(const lines& urls) {
  std::vector<target> result;
  for (const std::string& url : urls) {
    auto parsed = parse_target(url);
    if (!parsed)
      return parsed.error();
    result.push_back(std::move(*parsed));
  }
  return result;
}

std::string contradiction_in(const plan_options& options, const plan& how) {
  if (options.close && options.pipeline > 1)
    return "--close leaves nothing to pipeline";
  if (options.zipf > 0 && how.ids.size() == 1)
    return "--zipf has one id to draw from; say how many with --ids";
  if (how.threads > how.connections)
    return "more threads than connections";
  if (how.targets.size() > how.connections)
    return "more targets than connections";
  if (how.spread == target_spread::pinned && how.ids.size() < how.targets.size())
    return "fewer ids than targets to pin them to";
  if (how.duration <= std::chrono::nanoseconds{0} || how.deadline <= std::chrono::nanoseconds{0})
    return "a duration of nothing";
  if (how.retries > 0 && how.key_lifetime <= how.deadline)
    return "a key that lives no longer than the deadline leaves no time to retry";
  if (how.warm_up < std::chrono::nanoseconds{0})
    return "a warm-up of less than nothing";
  if (!std::isfinite(options.rate) || !std::isfinite(options.zipf))
    return "--rate and --zipf take numbers";
  return {};
}

}  // namespace

CLI::Validator duration_unit() {
  static const std::map<std::string, std::int64_t> units{{"us", 1'000},
                                                         {"ms", 1'000'000},
                                                         {"s", 1'000'000'000},
                                                         {"m", 60'000'000'000},
                                                         {"h", 3'600'000'000'000}};
  return CLI::AsNumberWithUnit{
      units, CLI::AsNumberWithUnit::Options(CLI::AsNumberWithUnit::CASE_SENSITIVE |
                                            CLI::AsNumberWithUnit::UNIT_REQUIRED)};
}

void add_plan_options(CLI::App& app, plan_options& options) {
  app.add_option("BASE_URL", options.urls, "Such as http://127.0.0.1:7017; several share the load")
      ->required();
  app.add_option("--spread", options.spread,
                 "Over several targets: round-robin asks any of them for any id, pinned asks "
                 "one for each id, as a balancer that hashes it would")
      ->check(CLI::IsMember({"round-robin", "pinned"}))
      ->capture_default_str();
  add_load_options(app, options);
  add_id_options(app, options);
  add_header_options(app, options);
}

boost::system::result<planned_run, complaint> make_plan(const plan_options& options) {
  auto targets = parse_targets(options.urls);
  if (!targets)
    return targets.error();
  auto operators = parse_targets(options.operators);
  if (!operators)
    return operators.error();
  auto ids = ids_of(options);
  if (!ids)
    return ids.error();
  auto headers = headers_of(options);
  if (!headers)
    return headers.error();

  planned_run result;
  plan& how = result.how;
  how.targets = std::move(*targets);
  how.spread = options.spread == "pinned" ? target_spread::pinned : target_spread::round_robin;
  how.ids = std::move(*ids);
  how.popularity = options.zipf > 0 ? id_spread::zipf : id_spread::uniform;
  how.zipf_exponent = options.zipf;
  how.seed = options.seed;
  how.connections = options.connections;
  how.threads = options.threads;
  how.pipeline = options.pipeline;
  how.keep_alive = !options.close;
  how.post = options.post;
  how.header_lines = std::move(*headers);
  how.retries = options.retries;
  how.key_lifetime = std::chrono::nanoseconds{options.key_lifetime_ns};
  if (options.count > 0)
    how.count = options.count;
  how.duration = std::chrono::nanoseconds{options.duration_ns};
  how.warm_up = std::chrono::nanoseconds{options.warm_up_ns};
  how.rate = options.rate;
  how.deadline = std::chrono::nanoseconds{options.deadline_ns};
  if (const std::string why = contradiction_in(options, how); !why.empty())
    return complaint{why};
  result.tls = {options.ca_file, !options.insecure};
  result.operators = std::move(*operators);
  return result;
}

}  // namespace turnomatic::bench
