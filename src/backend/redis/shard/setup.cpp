#include "backend/redis/shard/setup.hpp"

#include "backend/redis/shard/refusal_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace turnomatic::redis {
namespace {

// Outside a cluster a store has one bucket (ADR 19).
constexpr std::string_view bucket_count = "1";

}  // namespace

setup::setup(settings config, const bucket_keys& keys, store_guard& guard, token_source draw)
    : settings_{std::move(config)}, keys_{keys}, guard_{guard}, draw_{std::move(draw)} {}

void setup::say(std::string& out, step reason, std::span<const std::string_view> words) {
  append_command(out, words);
  steps_.push_back(reason);
}

std::uint32_t setup::begin(std::string& out, std::string_view password, server_place place) {
  const auto command = [this, &out](step reason, const auto&... words) {
    say(out, reason, std::array<std::string_view, sizeof...(words)>{words...});
  };
  steps_.clear();
  founding_allowed_ = guard_.may_found();
  server_ = {};
  server_.place = std::move(place);
  founded_ = false;
  ended_ = false;
  trouble_.clear();
  refusal_.clear();
  if (!settings_.user.empty())
    command(step::log_in, "AUTH", settings_.user, password);
  else if (!password.empty())
    command(step::log_in, "AUTH", password);
  if (settings_.database != 0)
    command(step::database, "SELECT", std::to_string(settings_.database));
  command(step::name, "CLIENT", "SETNAME", settings_.client_name);
  append_server_info(out);
  steps_.insert(steps_.end(), server_info_replies, step::server);
  append_script_loads(out);
  steps_.insert(steps_.end(), all_scripts().size(), step::script);
  command(step::other_protocol, "EXISTS", unreleased_protocol_key(settings_.prefix));
  append_read_store(out, keys_);
  steps_.push_back(step::record);
  std::ranges::reverse(steps_);
  return static_cast<std::uint32_t>(steps_.size());
}

void setup::append_found(std::string& out) {
  append_script(out, script_id::found, std::array<std::string_view, 1>{keys_.store()},
                std::array<std::string_view, 6>{store_format, founding_id_, bucket_count,
                                                server_.run(), draw_(), guard_.store_id()});
  steps_.push_back(step::found);
}

setup::progress setup::refuse(std::string why) {
  trouble_ = std::move(why);
  ended_ = true;
  return progress::refused;
}

setup::progress setup::refuse_as_told() {
  std::string why = refusal_;
  if (const std::string_view cure = refusal_of(why).cure; !cure.empty())
    why.append("; ").append(cure);
  return refuse(std::move(why));
}

setup::progress setup::take(const reply& answer) {
  const step reason = steps_.back();
  steps_.pop_back();
  if (ended_)
    return progress::goes_on;
  if (reason == step::server) {
    read_server_info(server_, answer);
    return steps_.back() == step::server ? progress::goes_on : judge_server();
  }
  if (answer.is_error())
    return take_error(reason, answer.text);
  switch (reason) {
    case step::server:
      break;
    case step::other_protocol:
      if (answer.integer != 0)
        return refuse("the store holds counters of an unreleased protocol under " +
                      unreleased_protocol_key(settings_.prefix) +
                      ": choose another redis.prefix, or delete them");
      return progress::goes_on;
    case step::record:
    case step::found:
      return take_record(answer);
    case step::log_in:
    case step::database:
    case step::name:
    case step::script:
      break;
  }
  return progress::goes_on;
}

// A name is a convenience that some hosts forbid. But a server that has no place for us says so
// instead of the first answer, and closes the connection.
setup::progress setup::take_error(step reason, std::string_view text) {
  const refusal_row& rule = refusal_of(text);
  const bool turns_away = rule.kind == store_refusal::maxclients;
  if ((reason == step::name && !turns_away) ||
      (reason == step::script && rule.kind == store_refusal::full))
    return progress::goes_on;
  if (refusal_.empty())
    refusal_ = refusal_text(text);
  // What kind of server it is tells more than that it knows no login or no databases.
  const bool before_info = reason == step::log_in || reason == step::database;
  if (before_info && text.starts_with("ERR ") && !turns_away)
    return progress::goes_on;
  return refuse_as_told();
}

// Without a run id INFO was refused, or belongs to no server itself: what else is refused says
// more.
setup::progress setup::judge_server() {
  if (auto why = unfit(server_, settings_.primary); why && !server_.run_id.empty()) {
    refusal_.clear();
    return refuse(std::move(*why));
  }
  return refusal_.empty() ? progress::goes_on : refuse_as_told();
}

setup::progress setup::take_record(const reply& answer) {
  if (auto why = unfit(server_, settings_.primary))
    return refuse(std::move(*why));
  if (answer.text_at(0) == "founded" && answer.elements.size() == 1) {
    founded_ = true;
    return meet({std::string{store_format}, founding_id_, std::string{bucket_count}, "ready", {}});
  }
  const auto record = read_store_record(answer);
  if (!record)
    return refuse("the store record is not readable");
  return meet(*record);
}

setup::progress setup::meet(const store_record& record) {
  if (record.id.empty() && founding_allowed_) {
    founding_id_ = draw_();
    return progress::founds;
  }
  if (!record.id.empty() && record.format != store_format)
    return refuse("the store record has format " + record.format + ", this program knows " +
                  std::string{store_format} + ": run the version that wrote it");
  // Most of its ids would be looked for in a bucket that has none of them, and begin at 1 again.
  if (!record.id.empty() && record.buckets != bucket_count)
    return refuse("the store was founded with " + record.buckets + " buckets, not " +
                  std::string{bucket_count} + ": run the version that founded it");
  switch (guard_.meet_store(record.id, record.was)) {
    case store_loss::emptied:
      return progress::emptied;
    case store_loss::exchanged:
      return progress::exchanged;
    case store_loss::none:
      break;
  }
  if (record.state != "ready")
    return refuse("the store is being founded");
  return progress::ready;
}

}  // namespace turnomatic::redis
