// What the function of a store is said to do.
#include "support/model_store.hpp"
#include "support/resp_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace turnomatic::redis {
namespace {

using namespace resp_text;

constexpr std::uint64_t last_turn = 9'007'199'254'740'991;

}  // namespace

struct model_store::call {
  std::string_view key;
  std::string_view genesis_key;
  std::string_view genesis;
  std::string_view lane;
  std::uint64_t sequence;
  std::uint64_t turns;
  std::uint64_t fence;
  std::uint64_t memos_max;
  bool halts;

  // FCALL name 2 key genesis_key genesis lane sequence turns fence memos policy
  explicit call(const std::vector<std::string_view>& words)
      : key{words.at(3)},
        genesis_key{words.at(4)},
        genesis{words.at(5)},
        lane{words.at(6)},
        sequence{number(words.at(7))},
        turns{number(words.at(8))},
        fence{number(words.at(9))},
        memos_max{number(words.at(10))},
        halts{words.at(11) == "halt"} {}
};

std::string model_store::function(keyspace& in) {
  const std::string_view name = words_.at(1);
  for (const std::string& library : libraries_) {
    if (!name.starts_with(library))
      continue;
    const std::string_view suffix = name.substr(library.size());
    if (std::string refused = call_refusal(); !refused.empty())
      return refused;
    if (suffix == "_take")
      return take(in);
    if (suffix == "_take_once")
      return take_once(in);
    if (suffix == "_resolve")
      return resolve(in);
    if (suffix == "_raise")
      return raise(in);
    if (suffix == "_set")
      return set(in);
  }
  return error("ERR Function not found");
}

// What is known of a take already; empty if nothing stands against executing it.
std::string model_store::find(const call& of, const counter& in, keyspace& space) const {
  const auto genesis = space.strings.find(of.genesis_key);
  if (genesis == space.strings.end() || genesis->second != of.genesis)
    return array("foreign");
  if (const auto found = in.memos.find(of.lane); found != in.memos.end()) {
    const memo& last = found->second;
    if (last.sequence > of.sequence)
      return array("superseded");
    if (last.sequence < of.sequence)
      return {};
    return last.count > 0 ? array("taken", {last.first, last.count, 0}) : array("none");
  }
  if (in.dropped > of.fence)
    return array("forgotten", {in.value.value_or(0)});
  return {};
}

std::string model_store::take(keyspace& in) {
  const call of{words_};
  counter& from = in.counters[std::string{of.key}];
  if (std::string known = find(of, from, in); !known.empty())
    return known;
  const std::uint64_t stood_at = from.value.value_or(0);
  if (from.halted)
    return array("halted", {stood_at});
  if (stood_at < of.fence)
    from.raise_to(of.fence, of.halts);
  if (from.halted)
    return array("behind", {stood_at});
  const std::uint64_t before = std::max(stood_at, of.fence);
  if (before >= last_turn)
    return array("exhausted");
  const memo made{of.sequence, before + 1, std::min(of.turns, last_turn - before)};
  remember(of, from, made, before + made.count);
  taken_.push_back({std::string{of.key}, made.first, made.count});
  if (before == stood_at && made.count == of.turns)
    return integer(made.first);
  return array("taken", {made.first, made.count, before - stood_at});
}

// FCALL name 3 key genesis_key client_key
//     genesis lane sequence turns fence memos policy lifetime first|again
// A key remembers the range that was taken under it. Time does not pass here.
std::string model_store::take_once(keyspace& in) {
  const std::string client_key{words_.at(5)};
  (void)number(words_.at(13));
  const bool again = words_.at(14) == "again";
  words_.erase(words_.begin() + 5);
  const call of{words_};
  const auto genesis = in.strings.find(of.genesis_key);
  if (genesis == in.strings.end() || genesis->second != of.genesis)
    return array("foreign");
  std::string& known = in.strings[client_key];
  if (!known.empty()) {
    if (again) {
      if (std::string before = resolve(in); before != array("none"))
        return before;
    }
    const std::size_t space = known.find(' ');
    return array("known", {number(std::string_view{known}.substr(0, space)),
                           number(std::string_view{known}.substr(space + 1))});
  }
  const std::size_t before = taken_.size();
  std::string answer = take(in);
  if (taken_.size() > before) {
    known = std::to_string(taken_.back().first) + ' ' + std::to_string(taken_.back().count);
  } else if (answer.starts_with("*4")) {  // it had been taken before
    const memo& last = in.counters[std::string{of.key}].memos.find(of.lane)->second;
    known = std::to_string(last.first) + ' ' + std::to_string(last.count);
  } else {
    in.strings.erase(client_key);
  }
  return answer;
}

std::string model_store::resolve(keyspace& in) {
  const call of{words_};
  counter& from = in.counters[std::string{of.key}];
  if (std::string known = find(of, from, in); !known.empty())
    return known;
  const std::uint64_t value = from.value.value_or(0);
  if (!from.memos.contains(of.lane) && from.memos.size() >= 2 * of.memos_max)
    return array("forgotten", {value});
  remember(of, from, {of.sequence, value + 1, 0}, value);
  return array("none");
}

// When there are as many memos as there may be, the next take of another lane drops a quarter of
// them, those of the lowest turns. What stood for a take that never may be executed is as good as a
// memo up to the end of the counter.
void model_store::remember(const call& of, counter& in, const memo& what,
                           std::uint64_t value) const {
  const bool is_new = in.memos.find(of.lane) == in.memos.end();
  if (is_new && what.count > 0 && in.memos.size() >= of.memos_max) {
    using position = decltype(in.memos)::iterator;
    std::vector<std::pair<std::uint64_t, position>> by_age;
    for (auto at = in.memos.begin(); at != in.memos.end(); ++at)
      by_age.emplace_back(at->second.first + at->second.count - 1, at);
    std::stable_sort(by_age.begin(), by_age.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    const std::uint64_t quarter = (of.memos_max + 3) / 4;
    const std::uint64_t wanted = by_age.size() + quarter;
    const std::uint64_t surplus = wanted > of.memos_max ? wanted - of.memos_max : 0;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(surplus, by_age.size()); ++i) {
      const bool executed = by_age[i].second->second.count > 0;
      in.dropped = std::max(in.dropped, executed ? by_age[i].first : value);
      in.memos.erase(by_age[i].second);
    }
  }
  in.value = value;
  in.memos[std::string{of.lane}] = what;
}

// It has lost what was taken above it. Takes that are sent again are in doubt, unless they were
// sent first when all that is known to be issued was known.
void model_store::counter::raise_to(std::uint64_t issued, bool halts) {
  value = issued;
  dropped = std::max(dropped, issued);
  halted |= halts;
  memos.clear();
}

// FCALL name 2 key genesis_key genesis turn force
std::string model_store::set(keyspace& in) {
  const auto genesis = in.strings.find(words_.at(4));
  if (genesis == in.strings.end() || genesis->second != words_.at(5))
    return array("foreign");
  const auto known = in.counters.find(words_.at(3));
  const counter was = known == in.counters.end() ? counter{} : known->second;
  const std::uint64_t before = was.value.value_or(0);
  const std::uint64_t turn = number(words_.at(6));
  if (turn <= before && words_.at(7) != "force")
    return array("ahead", {before, was.halted ? 1U : 0U});
  counter& changed = in.counters[std::string{words_[3]}];
  if (turn < before)
    changed = {.value = {}, .dropped = 0, .halted = was.halted, .memos = {}};
  changed.value = turn;
  return array("set", {before, was.halted ? 1U : 0U});
}

// FCALL name keys genesis_key counter... genesis policy value...
std::string model_store::raise(keyspace& in) {
  const std::uint64_t counters = number(words_.at(2)) - 1;
  const std::size_t arguments = 4 + counters;
  const auto genesis = in.strings.find(words_.at(3));
  if (genesis == in.strings.end() || genesis->second != words_.at(arguments))
    return array("foreign");
  std::string found;
  std::size_t behind = 0;
  for (std::uint64_t i = 0; i < counters; ++i) {
    const std::uint64_t wanted = number(words_.at(arguments + 2 + i));
    const auto known = in.counters.find(words_[4 + i]);
    const std::uint64_t value = known == in.counters.end() ? 0 : known->second.value.value_or(0);
    if (value >= wanted)
      continue;
    in.counters[std::string{words_[4 + i]}].raise_to(wanted, words_.at(arguments + 1) == "halt");
    found += integer(i) + integer(value);
    behind += 2;
  }
  return "*" + std::to_string(1 + behind) + "\r\n" + bulk("raised") + found;
}

}  // namespace turnomatic::redis
