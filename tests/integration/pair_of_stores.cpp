#include "integration/pair_of_stores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

namespace turnomatic::redis {
namespace {

using support::redis_reply;
using kind = redis_reply::kind;

std::string joined(const pair_of_stores::words& said) {
  std::string text;
  for (const std::string& word : said)
    text += word.substr(0, 60) + ' ';
  return text;
}

support::redis_options::server_kind kind_of(const std::string& mode) {
  using enum support::redis_options::server_kind;
  return mode == "cluster" ? cluster_node : mode == "sentinel" ? sentinel : primary;
}

// The pairs of a hash come in an order that means nothing.
redis_reply sorted_pairs(const redis_reply& of) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i + 1 < of.elements.size(); i += 2)
    pairs.emplace_back(of.elements[i].text, of.elements[i + 1].text);
  std::ranges::sort(pairs);
  std::vector<redis_reply> sorted;
  for (auto& [name, value] : pairs) {
    sorted.push_back(redis_reply::bulk(std::move(name)));
    sorted.push_back(redis_reply::bulk(std::move(value)));
  }
  return redis_reply::array(std::move(sorted));
}

}  // namespace

pair_of_stores::pair_of_stores(const std::string& mode) : process_{{.kind = kind_of(mode)}} {
  memory.config.mode = mode;
  const std::string info = real_.command({"INFO", "server"}).text;
  exact_ = info.find("redis_version:7.0.") != std::string::npos;
}

redis_reply pair_of_stores::say(const words& said) {
  redis_reply modelled = say_to_memory(said);
  compare(joined(said), real_.command(said), modelled);
  return modelled;
}

redis_reply pair_of_stores::run(script_id script, const words& keys, const words& arguments) {
  words said{"EVALSHA", std::string{script_of(script).sha}, std::to_string(keys.size())};
  said.insert(said.end(), keys.begin(), keys.end());
  said.insert(said.end(), arguments.begin(), arguments.end());
  return say(said);
}

void pair_of_stores::run_text(const std::string& text) {
  const redis_reply loaded = say({"SCRIPT", "LOAD", text});
  if (loaded.type == kind::bulk)
    say({"EVALSHA", loaded.text, "0"});
}

void pair_of_stores::compare_content() {
  const redis_reply keys = memory.command({"SCAN", "0", "COUNT", "10000"}).elements.at(1);
  EXPECT_EQ(real_.command({"DBSIZE"}).number, static_cast<std::int64_t>(keys.elements.size()));
  for (const redis_reply& key : keys.elements) {
    const redis_reply modelled = memory.command({"HGETALL", key.text});
    if (modelled.type == kind::array)
      compare(key.text, sorted_pairs(real_.command({"HGETALL", key.text})), sorted_pairs(modelled));
    else
      say({"GET", key.text});
  }
}

redis_reply pair_of_stores::say_to_memory(const words& said) {
  std::string bytes = "*" + std::to_string(said.size()) + "\r\n";
  for (const std::string& word : said)
    bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  std::string_view input = bytes;
  const std::string answer = memory.execute(input, session_).value();
  std::string_view unread = answer;
  return support::take_reply(unread).value();
}

void pair_of_stores::compare(const std::string& of, const reply& real, const reply& modelled) {
  if (comparable(real) == comparable(modelled))
    return;
  ++different_;
  ADD_FAILURE() << of << "\nstore:  " << real << "\nmemory: " << modelled;
}

redis_reply pair_of_stores::comparable(reply of) const {
  if (exact_)
    return of;
  if (of.type == kind::error)
    of.text.clear();
  if (of.type == kind::bulk && of.text.starts_with("E "))
    of.text = "E";
  for (redis_reply& element : of.elements)
    element = comparable(std::move(element));
  return of;
}

}  // namespace turnomatic::redis
