#include "backend/redis/greeting.hpp"

#include "backend/redis/refusal_table.hpp"

#include <array>
#include <utility>

namespace turnomatic::redis {
namespace {

// The value of a line of INFO, empty if it is not there.
std::string_view info_value(std::string_view info, std::string_view name) {
  for (std::size_t at = info.find(name); at != std::string_view::npos;
       at = info.find(name, at + 1)) {
    const bool whole = (at == 0 || info[at - 1] == '\n') && info.substr(at + name.size(), 1) == ":";
    if (!whole)
      continue;
    const std::string_view value = info.substr(at + name.size() + 1);
    return value.substr(0, value.find_first_of("\r\n"));
  }
  return {};
}

}  // namespace

void greeting::begin(bool may_found) {
  step_ = step::log_in;
  may_found_ = may_found;
  founded_ = false;
  epoch_.clear();
  genesis_.clear();
}

bool greeting::is_needed(step which) const noexcept {
  switch (which) {
    case step::log_in:
      return !how_.user.empty() || !how_.password.empty();
    case step::database:
      return how_.database != 0;
    case step::found:
      return may_found_;
    case step::name:
    case step::server:
    case step::library:
    case step::genesis:
    case step::done:
      break;
  }
  return true;
}

bool greeting::next(std::string& out, store_commands& commands) {
  while (!is_needed(step_))
    step_ = static_cast<step>(static_cast<std::uint8_t>(step_) + 1);
  const auto command = [&out](const auto&... words) {
    append_command(out, std::array<std::string_view, sizeof...(words)>{words...});
  };
  switch (step_) {
    case step::log_in:
      if (how_.user.empty())
        command("AUTH", how_.password);
      else
        command("AUTH", how_.user, how_.password);
      break;
    case step::database:
      command("SELECT", std::to_string(how_.database));
      break;
    case step::name:
      command("CLIENT", "SETNAME", how_.client_name);
      break;
    case step::server:
      command("INFO", "server", "replication", "memory");
      break;
    case step::library:
      store_commands::load_library(out);
      break;
    case step::found:
      commands.found(out, how_.draw_genesis());
      break;
    case step::genesis:
      commands.read_genesis(out);
      break;
    case step::done:
      return false;
  }
  return true;
}

bool greeting::may_go_on(step refused, const reply& answer) noexcept {
  switch (refused) {
    case step::name:
      // Some that host Redis forbid CLIENT; a name is a convenience. But a server that has no place
      // for us says so instead of the first answer, and closes the connection.
      return refusal_of(answer.text) != store_refusal::maxclients;
    case step::library:
      // A full store refuses it even if the library is there. If not, the first take will tell.
      return is_loaded(answer) || classify_error(answer.text) == refusal_kind::full;
    case step::log_in:
    case step::database:
    case step::server:
    case step::found:
    case step::genesis:
    case step::done:
      break;
  }
  return false;
}

boost::system::result<void, std::string> greeting::take_info(std::string_view info) {
  const std::string_view run_id = info_value(info, "run_id");
  if (run_id.empty())
    return std::string{"INFO names no run_id"};
  epoch_.assign(run_id).append(1, ' ').append(info_value(info, "master_replid"));
  // Counters never expire, so volatile-* leaves them alone.
  if (const auto policy = info_value(info, "maxmemory_policy"); policy.starts_with("allkeys-"))
    return "maxmemory-policy is " + std::string{policy} +
           ": counters could be evicted and start again at 1; set it to noeviction";
  return {};
}

boost::system::result<void, std::string> greeting::take(const reply& answer) {
  const step taken = step_;
  step_ = static_cast<step>(static_cast<std::uint8_t>(step_) + 1);
  if (answer.is_error() && !may_go_on(taken, answer))
    return std::string{answer.text};
  switch (taken) {
    case step::server:
      return take_info(answer.text);
    case step::found:
      founded_ = answer.what == reply::kind::status;  // nil: there was one
      break;
    case step::genesis:
      if (answer.is_string())
        genesis_ = answer.text;
      else if (answer.what != reply::kind::nil)
        return std::string{"the genesis is no string"};
      break;
    case step::log_in:
    case step::database:
    case step::name:
    case step::library:
    case step::done:
      break;
  }
  return {};
}

}  // namespace turnomatic::redis
