#include "support/memory_redis.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace turnomatic::redis {
namespace {

using support::equal_without_case;
using support::has_arity;
using support::lower_case;
using support::redis_integer;
using support::redis_reply;

std::optional<std::string_view> take_line(std::string_view& input) {
  const std::size_t end = input.find("\r\n");
  if (end == std::string_view::npos)
    return std::nullopt;
  const std::string_view line = input.substr(0, end);
  input.remove_prefix(end + 2);
  return line;
}

// Of a line that begins with `mark`.
std::optional<std::size_t> take_length(std::string_view& input, char mark) {
  const auto line = take_line(input);
  if (!line)
    return std::nullopt;
  const auto length =
      line->starts_with(mark) ? redis_integer(line->substr(1)) : std::optional<std::int64_t>{};
  if (!length || *length < 0)
    throw std::invalid_argument{"not a command: " + std::string{*line}};
  return static_cast<std::size_t>(*length);
}

std::optional<std::vector<std::string_view>> take_command(std::string_view& input) {
  std::string_view rest = input;
  const auto count = take_length(rest, '*');
  if (!count)
    return std::nullopt;
  std::vector<std::string_view> words;
  words.reserve(*count);
  for (std::size_t i = 0; i < *count; ++i) {
    const auto size = take_length(rest, '$');
    if (!size || rest.size() < *size + 2)
      return std::nullopt;
    words.push_back(rest.substr(0, *size));
    rest.remove_prefix(*size + 2);
  }
  if (words.empty())
    throw std::invalid_argument{"a command without words"};
  input = rest;
  return words;
}

std::string quoted(std::string_view text) {
  return '\'' + std::string{text} + '\'';
}

// With its subcommand, as Redis writes it: "config|get".
std::string full_name(support::command_words said) {
  constexpr std::array<std::string_view, 3> containers{"client", "config", "script"};
  const std::string name = lower_case(said[0]);
  const bool contains = std::ranges::find(containers, name) != containers.end();
  return contains && said.size() > 1 ? name + '|' + lower_case(said[1]) : name;
}

std::string sha1_of(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::string digits(std::size_t{size} * 2, '0');
  for (unsigned i = 0; i < size; ++i) {
    char* const at = digits.data() + std::size_t{i} * 2;
    std::to_chars(digest[i] < 16 ? at + 1 : at, at + 2, unsigned{digest[i]}, 16);
  }
  return digits;
}

redis_reply no_integer() {
  return redis_reply::error("ERR value is not an integer or out of range");
}

redis_reply unknown_subcommand(support::command_words said) {
  std::string name{said[0]};
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return redis_reply::error("ERR unknown subcommand " + quoted(said[1]) + ". Try " + name +
                            " HELP.");
}

}  // namespace

struct memory_redis::server_command {
  std::string_view name;
  int arity;
  bool while_loading;
  bool while_busy;
  bool of_sentinel;
  reply (memory_redis::*execute)(words said, session& as);
};

/// A script that runs.
struct memory_redis::run {
  support::redis_keyspace& in;
  bool has_written{false};
};

memory_redis::memory_redis(std::string_view prefix) : base_{std::string{prefix} + ":{0}:"} {}

const memory_redis::server_command* memory_redis::find_server_command(std::string_view name) {
  static constexpr std::array<server_command, 11> commands{{
      {"AUTH", -2, true, true, true, &memory_redis::log_in},
      {"CLIENT", -2, true, false, true, &memory_redis::client},
      {"CONFIG", -2, true, false, false, &memory_redis::read_configuration},
      {"EVALSHA", -3, false, false, false, &memory_redis::run_script},
      {"INFO", -1, true, false, true, &memory_redis::info},
      {"PING", -1, false, false, true, &memory_redis::ping},
      {"ROLE", 1, true, false, true, &memory_redis::role},
      {"SCRIPT", -2, false, false, false, &memory_redis::script},
      {"SELECT", 2, true, false, false, &memory_redis::select},
      {"TIME", 1, true, false, false, &memory_redis::time},
      {"WAIT", 3, false, false, false, &memory_redis::wait},
  }};
  const auto found = std::ranges::find_if(
      commands, [name](const server_command& each) { return equal_without_case(each.name, name); });
  return found == commands.end() ? nullptr : &*found;
}

std::optional<std::string> memory_redis::execute(std::string_view& input, session& as) {
  const auto said = take_command(input);
  if (!said)
    return std::nullopt;
  ++executed_;
  if (log_) {
    std::string line;
    for (const std::string_view word : *said)
      line.append(line.empty() ? "" : " ").append(word.size() > 100 ? "..." : word);
    log_->push_back(std::move(line));
  }
  std::string refused = refusal(*said, as);
  std::string bytes;
  append_reply(bytes, refused.empty() ? answer(*said, as) : reply::error(std::move(refused)));
  return bytes;
}

support::redis_reply memory_redis::command(std::initializer_list<std::string_view> said) {
  session local;
  return answer({said.begin(), said.size()}, local);
}

support::redis_reply memory_redis::answer(words said, session& as) {
  if (const server_command* const row = find_server_command(said[0]))
    return (this->*row->execute)(said, as);
  const auto* const row = support::find_data_command(said[0]);
  if (row->writes)
    as.written = ++written_;
  return row->execute(databases_[as.database], said);
}

// In the order of Redis.
std::string memory_redis::refusal(words said, const session& as) const {
  const bool is_sentinel = config.mode == "sentinel";
  const auto* const data = is_sentinel ? nullptr : support::find_data_command(said[0]);
  const auto* own = find_server_command(said[0]);
  if (is_sentinel && own && !own->of_sentinel)
    own = nullptr;
  if (!data && !own) {
    std::string text = "ERR unknown command " + quoted(said[0]) + ", with args beginning with: ";
    for (const std::string_view word : said.subspan(1))
      text += quoted(word) + ' ';
    return text;
  }
  if (!has_arity(data ? data->arity : own->arity, said))
    return "ERR wrong number of arguments for " + quoted(lower_case(said[0])) + " command";
  if (!config.password.empty() && !as.logged_in && !equal_without_case(said[0], "AUTH"))
    return "NOAUTH Authentication required.";
  if (is_forbidden(said))
    return "NOPERM this user has no permissions to run the " + quoted(full_name(said)) + " command";
  if (const std::string* const error = refused_error(said[0]))
    return *error;
  if (config.mode == "cluster" && names_key(said))
    return "CLUSTERDOWN Hash slot not served";
  const bool is_ping = equal_without_case(said[0], "PING");
  if ((data && data->writes) || (is_ping && config.condition == condition::disk_failing)) {
    std::string refused = write_refusal(config.condition, data && data->may_need_memory);
    if (!refused.empty())
      return refused;
  }
  if (config.condition == condition::loading && !(own && own->while_loading))
    return "LOADING Redis is loading the dataset in memory";
  if (config.condition == condition::busy && !(own && own->while_busy))
    return "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";
  return {};
}

bool memory_redis::names_key(words said) {
  if (equal_without_case(said[0], "EVALSHA"))
    return redis_integer(said[2]).value_or(0) > 0;
  return support::find_data_command(said[0]) && !equal_without_case(said[0], "SCAN");
}

const std::string* memory_redis::refused_error(std::string_view name) const {
  if (refusals_.empty())
    return nullptr;
  const auto found = refusals_.find(lower_case(name));
  return found == refusals_.end() ? nullptr : &found->second;
}

bool memory_redis::is_forbidden(words said) const {
  return !forbidden_.empty() &&
         (forbidden_.contains(lower_case(said[0])) || forbidden_.contains(full_name(said)));
}

// ---- scripts

support::redis_reply memory_redis::run_script(words said, session& as) {
  const auto keys = redis_integer(said[2]);
  if (!keys)
    return no_integer();
  if (*keys < 0)
    return reply::error("ERR Number of keys can't be negative");
  if (static_cast<std::size_t>(*keys) > said.size() - 3)
    return reply::error("ERR Number of keys can't be greater than number of args");
  const auto loaded = scripts_.find(lower_case(said[1]));
  if (loaded == scripts_.end())
    return reply::error("NOSCRIPT No matching script. Please use EVAL.");
  const auto mutant = mutants_.find(loaded->first);
  const auto key_count = static_cast<std::size_t>(*keys);
  run now{databases_[as.database]};
  running_ = &now;
  reply answer = support::lua_engine::of_this_thread().run(
      {.text = mutant == mutants_.end() ? loaded->second : mutant->second,
       .sha = loaded->first,
       .keys = said.subspan(3, key_count),
       .arguments = said.subspan(3 + key_count)},
      *this);
  running_ = nullptr;
  const bool is_takeover = loaded->first == script_of(script_id::take_over).sha;
  if (now.has_written && !(is_takeover && config.takeover_counts_as_read))
    as.written = ++written_;
  if (loaded->first == script_of(script_id::take).sha)
    account(said.subspan(3), answer);
  return answer;
}

// Refused is the first write of a script; after one that was let through it may go on.
support::redis_reply memory_redis::call_from_script(words said) {
  if (equal_without_case(said[0], "TIME")) {
    session none;
    return time(said, none);
  }
  const auto* const row = support::find_data_command(said[0]);
  if (!row) {
    return reply::error(find_server_command(said[0])
                            ? "ERR This Redis command is not allowed from script"
                            : "ERR Unknown Redis command called from script");
  }
  if (!has_arity(row->arity, said))
    return reply::error("ERR Wrong number of args calling Redis command from script");
  if (is_forbidden(said))
    return reply::error("ERR The user executing the script can't run this command or subcommand");
  if (const std::string* const error = refused_error(said[0]))
    return reply::error(*error);
  if (row->writes && !running_->has_written) {
    std::string refused = write_refusal(config.condition, row->may_need_memory);
    if (!refused.empty())
      return reply::error(std::move(refused));
    running_->has_written = true;
  }
  return row->execute(running_->in, said);
}

support::redis_reply memory_redis::script(words said, session&) {
  if (equal_without_case(said[1], "FLUSH")) {
    forget_scripts();
    return reply::simple("OK");
  }
  if (equal_without_case(said[1], "LOAD") && said.size() == 3) {
    const std::string text{said[2]};
    if (std::string wrong = support::lua_engine::of_this_thread().compile(text); !wrong.empty())
      return reply::error(std::move(wrong));
    std::string sha = sha1_of(text);
    scripts_.emplace(sha, text);
    return reply::bulk(std::move(sha));
  }
  return unknown_subcommand(said);
}

void memory_redis::replace_script(script_id id, std::string text) {
  if (std::string wrong = support::lua_engine::of_this_thread().compile(text); !wrong.empty())
    throw std::invalid_argument{wrong};
  mutants_.insert_or_assign(std::string{script_of(id).sha}, std::move(text));
}

void memory_redis::replace_in_script(script_id id, std::string_view from, std::string_view to) {
  const auto before = mutants_.find(script_of(id).sha);
  std::string text{before == mutants_.end() ? script_of(id).text : before->second};
  const std::size_t at = text.find(from);
  if (at == std::string::npos)
    throw std::invalid_argument{"the script does not say " + std::string{from}};
  replace_script(id, text.replace(at, from.size(), to));
}

// ---- what a connection says of itself, and what the server does

support::redis_reply memory_redis::log_in(words said, session& as) {
  if (said.size() > 3)
    return reply::error("ERR syntax error");
  const bool names_user = said.size() == 3;
  if (!names_user && config.password.empty())
    return reply::error(
        "ERR AUTH <password> called without any password configured for the default user. Are you "
        "sure your configuration is correct?");
  const std::string_view user = names_user ? said[1] : "default";
  const bool is_known = user == config.user && said.back() == config.password;
  if (config.password.empty() || !is_known)
    return reply::error("WRONGPASS invalid username-password pair or user is disabled.");
  as.logged_in = true;
  return reply::simple("OK");
}

support::redis_reply memory_redis::select(words said, session& as) {
  constexpr std::int64_t databases = 16;
  const auto index = redis_integer(said[1]);
  if (!index)
    return no_integer();
  if (config.mode == "cluster" && *index != 0)
    return reply::error("ERR SELECT is not allowed in cluster mode");
  if (*index < 0 || *index >= databases)
    return reply::error("ERR DB index is out of range");
  as.database = static_cast<std::uint32_t>(*index);
  return reply::simple("OK");
}

support::redis_reply memory_redis::client(words said, session& as) {
  if (!equal_without_case(said[1], "SETNAME") || said.size() != 3)
    return unknown_subcommand(said);
  if (std::ranges::any_of(said[2], [](char c) { return c < '!' || c > '~'; }))
    return reply::error("ERR Client names cannot contain spaces, newlines or special characters.");
  as.name = said[2];
  return reply::simple("OK");
}

// Several sections are asked for in vain before Redis 7.0, so nobody does.
support::redis_reply memory_redis::info(words said, session&) {
  if (said.size() > 2)
    return reply::error("ERR syntax error");
  const std::string section = said.size() == 2 ? lower_case(said[1]) : "";
  const auto replication_id = [this](std::uint64_t stream) {
    return "replid" + std::to_string(runs_) + '.' + std::to_string(stream);
  };
  return reply::bulk(
      info_text(config,
                {run_id(), replication_id(streams_),
                 was_promoted_ ? replication_id(streams_ - 1) : std::string(40, '0')},
                section));
}

support::redis_reply memory_redis::role(words, session&) {
  if (config.mode == "sentinel")
    return reply::array({reply::bulk("sentinel"), reply::array({})});
  if (config.role == "master")
    return reply::array({reply::bulk("master"), reply::integer(0), reply::array({})});
  return reply::array({reply::bulk(config.role), reply::bulk("127.0.0.1"), reply::integer(6379),
                       reply::bulk("connected"), reply::integer(0)});
}

support::redis_reply memory_redis::read_configuration(words said, session&) {
  if (!equal_without_case(said[1], "GET") || said.size() != 3)
    return unknown_subcommand(said);
  return configuration_matching(config, said[2]);
}

// As of Redis 7.2: for what this connection has written, and not for what was written before.
support::redis_reply memory_redis::wait(words said, session& as) {
  if (!redis_integer(said[1]) || !redis_integer(said[2]))
    return no_integer();
  const bool have_it = config.replicas_keep_up || as.written <= replicated_;
  return reply::integer(have_it ? static_cast<std::int64_t>(config.replicas) : 0);
}

support::redis_reply memory_redis::ping(words said, session&) {
  if (said.size() > 2)
    return reply::error("ERR wrong number of arguments for 'ping' command");
  return said.size() == 2 ? reply::bulk(std::string{said[1]}) : reply::simple("PONG");
}

support::redis_reply memory_redis::time(words, session&) {
  return reply::array({reply::bulk(std::to_string(time_ms_ / 1000)),
                       reply::bulk(std::to_string(time_ms_ % 1000 * 1000))});
}

}  // namespace turnomatic::redis
