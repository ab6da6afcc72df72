#include "support/model_store.hpp"

#include "support/resp_text.hpp"

#include <algorithm>
#include <stdexcept>

namespace turnomatic::redis {
namespace {

using namespace resp_text;

// Up to and without the end of the line; nothing if there is none yet.
std::optional<std::string_view> line(std::string_view& input) {
  const std::size_t end = input.find("\r\n");
  if (end == std::string_view::npos)
    return std::nullopt;
  const std::string_view found = input.substr(0, end);
  input.remove_prefix(end + 2);
  return found;
}

}  // namespace

// ---- commands

bool model_store::parse(std::string_view& input) {
  std::string_view rest = input;
  words_.clear();
  const auto head = line(rest);
  if (!head)
    return false;
  if (!head->starts_with('*'))
    throw std::invalid_argument{"not a command"};
  for (std::uint64_t left = number(head->substr(1)); left > 0; --left) {
    const auto size_line = line(rest);
    if (!size_line)
      return false;
    if (!size_line->starts_with('$'))
      throw std::invalid_argument{"not an argument"};
    const std::uint64_t size = number(size_line->substr(1));
    if (rest.size() < size + 2)
      return false;
    words_.push_back(rest.substr(0, size));
    rest.remove_prefix(size + 2);
  }
  input = rest;
  return true;
}

std::optional<std::string> model_store::execute(std::string_view& input, session& as) {
  if (!parse(input))
    return std::nullopt;
  ++executed_;
  if (logging_)
    write_down();
  std::string refused = refusal(as);
  return refused.empty() ? answer(as) : refused;
}

std::string model_store::answer(session& as) {
  const std::string_view name = words_.at(0);
  keyspace& in = databases_[as.database];
  if (name == "FCALL")
    return function(in);
  if (name == "PING")
    return status("PONG");
  if (name == "AUTH")
    return log_in(as);
  if (name == "SELECT") {
    as.database = static_cast<std::uint32_t>(number(words_.at(1)));
    return status("OK");
  }
  if (name == "CLIENT" && words_.at(1) == "SETNAME") {
    if (client_forbidden_)
      return error("NOPERM this user has no permissions to run the 'client|setname' command");
    as.name = words_.at(2);
    return status("OK");
  }
  if (name == "INFO")
    return info();
  if (name == "FUNCTION" && words_.at(1) == "LOAD")
    return load();
  if (name == "GET") {
    const auto found = in.strings.find(words_.at(1));
    return found == in.strings.end() ? nil() : bulk(found->second);
  }
  if (name == "SET" && words_.size() == 4 && words_[3] == "NX") {
    const bool is_new = in.strings.emplace(words_[1], words_[2]).second;
    return is_new ? status("OK") : nil();
  }
  if (name == "HGET" && words_.at(2) == "v") {
    const auto found = in.counters.find(words_[1]);
    if (found == in.counters.end() || !found->second.value)
      return nil();
    return bulk(std::to_string(*found->second.value));
  }
  if (name == "HINCRBY")
    return increment(in);
  return error("ERR unknown command '" + std::string{name} + "'");
}

// What is refused before it is looked at. Redis marks commands: some go while it loads or runs a
// script, some only read, some are let through when memory is short.
std::string model_store::refusal(const session& as) const {
  const std::string_view name = words_.at(0);
  if (!password_.empty() && !as.logged_in && name != "AUTH")
    return error("NOAUTH Authentication required.");
  const bool at_all_times =
      name == "AUTH" || name == "SELECT" || name == "CLIENT" || name == "INFO";
  const bool writes = name == "HINCRBY" || name == "SET" || name == "FUNCTION";
  if (mood_ == mood::loading && !at_all_times)
    return error("LOADING Redis is loading the dataset in memory");
  if (mood_ == mood::busy && name != "AUTH")
    return error(
        "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.");
  if (mood_ == mood::read_only && writes)
    return error("READONLY You can't write against a read only replica.");
  if (mood_ == mood::full && writes)
    return error("OOM command not allowed when used memory > 'maxmemory'.");
  return {};
}

// Of a function that exists.
std::string model_store::call_refusal() const {
  if (mood_ == mood::read_only)
    return error("READONLY Can not run script with write flag on readonly replica.");
  if (mood_ == mood::full)
    return error(
        "OOM allow-oom flag is not set on the script, can not run it when used memory > "
        "'maxmemory'");
  return call_error_.empty() ? std::string{} : error(call_error_);
}

std::string model_store::log_in(session& as) const {
  const bool named = words_.size() == 3;
  const std::string_view user = named ? words_[1] : "default";
  const std::string_view password = words_.at(named ? 2 : 1);
  if (password_.empty() || user != user_ || password != password_)
    return error("WRONGPASS invalid username-password pair or user is disabled.");
  as.logged_in = true;
  return status("OK");
}

std::string model_store::info() const {
  std::string text = "# Server\r\nredis_version:7.0.15\r\n";
  if (!run_id_.empty())
    text += "run_id:" + run_id_ + "\r\n";
  text += "tcp_port:6379\r\n\r\n# Replication\r\nrole:master\r\nmaster_replid:replid";
  text += std::to_string(promotions_) + "\r\nmaster_replid2:0000\r\n\r\n# Memory\r\n";
  return bulk(text + "maxmemory_policy:" + eviction_ + "\r\n");
}

std::string model_store::load() {
  constexpr std::string_view head = "#!lua name=";
  const std::string_view source = words_.at(2);
  if (!source.starts_with(head))
    return error("ERR Missing library metadata");
  std::string name{source.substr(head.size(), source.find('\n') - head.size())};
  if (std::find(libraries_.begin(), libraries_.end(), name) != libraries_.end())
    return error("ERR Library '" + name + "' already exists");
  libraries_.push_back(name);
  return bulk(name);
}

std::string model_store::increment(keyspace& in) {
  counter& from = in.counters[std::string{words_.at(1)}];
  const std::uint64_t by = number(words_.at(3));
  const std::uint64_t before = from.value.value_or(0);
  from.value = before + by;
  taken_.push_back({std::string{words_[1]}, before + 1, by});
  return integer(*from.value);
}

// ---- what happens to it

void model_store::restart() {
  run_id_ = "run" + std::to_string(++starts_);
  mood_ = mood::well;
}

void model_store::restart_with(const snapshot& older) {
  databases_ = older;
  restart();
}

void model_store::be_replica_and_primary_again(const snapshot& of_the_other) {
  databases_ = of_the_other;
  ++promotions_;
}

void model_store::require_login(std::string user, std::string password) {
  user_ = std::move(user);
  password_ = std::move(password);
}

std::string model_store::genesis(std::uint32_t database) const {
  const auto space = databases_.find(database);
  if (space == databases_.end())
    return {};
  const auto found = space->second.strings.find(prefix_ + ":genesis");
  return found == space->second.strings.end() ? std::string{} : found->second;
}

void model_store::set_genesis(const std::string& token) {
  if (token.empty())
    databases_[0].strings.erase(prefix_ + ":genesis");
  else
    databases_[0].strings.insert_or_assign(prefix_ + ":genesis", token);
}

std::string model_store::counter_key(std::string_view id) const {
  return prefix_ + ":c:" + std::string{id};
}

const model_store::counter* model_store::find_counter(std::string_view id,
                                                      std::uint32_t database) const {
  const auto space = databases_.find(database);
  if (space == databases_.end())
    return nullptr;
  const auto found = space->second.counters.find(counter_key(id));
  return found == space->second.counters.end() ? nullptr : &found->second;
}

std::uint64_t model_store::value(std::string_view id, std::uint32_t database) const {
  const counter* const found = find_counter(id, database);
  return found ? found->value.value_or(0) : 0;
}

void model_store::set_value(std::string_view id, std::uint64_t to) {
  counter_of(id).value = to;
}

bool model_store::halted(std::string_view id) const {
  const counter* const found = find_counter(id, 0);
  return found && found->halted;
}

void model_store::end_key(std::string_view id, std::string_view key) {
  databases_[0].strings.erase(prefix_ + ":i:" + std::string{id} + ":" + std::string{key});
}

void model_store::erase(std::string_view id) {
  databases_[0].counters.erase(counter_key(id));
}

std::uint64_t model_store::turns_taken() const noexcept {
  std::uint64_t sum = 0;
  for (const taken_range& each : taken_)
    sum += each.count;
  return sum;
}

void model_store::write_down() {
  std::string text;
  for (const std::string_view word : words_) {
    if (!text.empty())
      text += ' ';
    text += word.size() > 100 ? std::string_view{"..."} : word;
  }
  log_.push_back(std::move(text));
}

}  // namespace turnomatic::redis
