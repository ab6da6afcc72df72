#include "backend/redis/store_function.hpp"

#include "backend/redis/store_library.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace turnomatic::redis {
namespace {

/// A number as text, without the heap.
class decimal {
 public:
  explicit decimal(std::uint64_t value) {
    end_ = std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr;
  }
  [[nodiscard]] std::string_view text() const noexcept {
    return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
  }

 private:
  std::array<char, std::numeric_limits<std::uint64_t>::digits10 + 1> text_;
  const char* end_;
};

// Wide enough for turn_max; a lane's sequence does not come near it.
constexpr std::size_t padded_size = 16;

// With leading zeros.
void write_padded(char* at, std::uint64_t value) noexcept {
  for (std::size_t i = padded_size; i-- > 0; value /= 10)
    at[i] = static_cast<char>('0' + value % 10);
}

std::string_view name_of(loss_policy policy) noexcept {
  return policy == loss_policy::halt ? "halt" : "skip";
}

// A range that this function can have taken.
bool is_sound(turn_range range, std::uint64_t turns) noexcept {
  return range.first >= 1 && range.count >= 1 && range.count <= turns && range.first <= turn_max &&
         range.count - 1 <= turn_max - range.first;
}

}  // namespace

store_commands::store_commands(settings how)
    : how_{std::move(how)},
      counter_prefix_{how_.prefix + ":c:"},
      key_prefix_{how_.prefix + ":i:"},
      genesis_key_{how_.prefix + ":genesis"} {}

std::string_view store_commands::key_of(const counter_id& id) {
  key_.assign(counter_prefix_).append(id.text());
  return key_;
}

void store_commands::set_on_loss(loss_policy policy) {
  how_.on_loss = policy;
  templates_ = {};
}

void store_commands::call_with_memo(std::string& out, std::string_view function,
                                    std::string_view key, std::string_view genesis,
                                    std::string_view sequence, std::string_view turns,
                                    std::string_view fence) const {
  append_command(out, std::array<std::string_view, 12>{"FCALL", function, "2", key, genesis_key_,
                                                       genesis, how_.lane, sequence, turns, fence,
                                                       decimal{how_.memos_per_counter}.text(),
                                                       name_of(how_.on_loss)});
}

const store_commands::take_template& store_commands::template_for(std::size_t id_size,
                                                                  std::string_view genesis) {
  take_template& made = templates_[id_size];
  if (!made.bytes.empty() && made.genesis == genesis)
    return made;
  // Bytes that are nowhere else in a command show where to write.
  const std::string id(id_size, '\1');
  const std::string sequence(padded_size, '\2');
  const std::string turns(padded_size, '\3');
  const std::string fence(padded_size, '\4');
  made.bytes.clear();
  call_with_memo(made.bytes, the_library().take, counter_prefix_ + id, genesis, sequence, turns,
                 fence);
  made.genesis = genesis;
  made.id = made.bytes.find(id);
  made.sequence = made.bytes.find(sequence);
  made.turns = made.bytes.find(turns);
  made.fence = made.bytes.find(fence);
  return made;
}

void store_commands::take(std::string& out, const take_call& call) {
  const std::string_view id = call.id.text();
  const take_template& made = template_for(id.size(), call.genesis);
  const std::size_t begin = out.size();
  out.append(made.bytes);
  char* const command = out.data() + begin;
  id.copy(command + made.id, id.size());
  write_padded(command + made.sequence, call.sequence);
  write_padded(command + made.turns, call.turns);
  write_padded(command + made.fence, call.fence);
}

void store_commands::take_once(std::string& out, const take_call& call, std::string_view key,
                               std::chrono::milliseconds lifetime, bool again) {
  std::string once = key_prefix_;
  once.append(call.id.text()).append(1, ':').append(key);  // an id has no colon
  append_command(
      out,
      std::array<std::string_view, 15>{
          "FCALL", the_library().take_once, "3", key_of(call.id), genesis_key_, once, call.genesis,
          how_.lane, decimal{call.sequence}.text(), decimal{call.turns}.text(),
          decimal{call.fence}.text(), decimal{how_.memos_per_counter}.text(), name_of(how_.on_loss),
          decimal{static_cast<std::uint64_t>(lifetime.count())}.text(), again ? "again" : "first"});
}

void store_commands::resolve(std::string& out, const take_call& call) {
  call_with_memo(out, the_library().resolve, key_of(call.id), call.genesis,
                 decimal{call.sequence}.text(), decimal{call.turns}.text(),
                 decimal{call.fence}.text());
}

void store_commands::raise(std::string& out, std::string_view genesis,
                           std::span<const std::pair<counter_id, std::uint64_t>> to,
                           loss_policy policy) {
  std::vector<std::string> texts{std::to_string(to.size() + 1)};
  for (const auto& [id, value] : to)
    texts.emplace_back(key_of(id));
  for (const auto& [id, value] : to)
    texts.push_back(std::to_string(value));
  std::vector<std::string_view> arguments{"FCALL", the_library().raise, texts[0], genesis_key_};
  const auto keys = texts.begin() + 1;
  const auto values = keys + static_cast<std::ptrdiff_t>(to.size());
  arguments.insert(arguments.end(), keys, values);
  arguments.push_back(genesis);
  arguments.push_back(name_of(policy));
  arguments.insert(arguments.end(), values, texts.end());
  append_command(out, arguments);
}

void store_commands::take_fast(std::string& out, const counter_id& id, std::uint64_t turns) {
  append_command(
      out, std::array<std::string_view, 4>{"HINCRBY", key_of(id), "v", decimal{turns}.text()});
}

void store_commands::peek(std::string& out, const counter_id& id) {
  append_command(out, std::array<std::string_view, 3>{"HGET", key_of(id), "v"});
}

void store_commands::read_genesis(std::string& out) {
  append_command(out, std::array<std::string_view, 2>{"GET", genesis_key_});
}

void store_commands::found(std::string& out, std::string_view genesis) {
  append_command(out, std::array<std::string_view, 4>{"SET", genesis_key_, genesis, "NX"});
}

void store_commands::load_library(std::string& out) {
  append_command(out, std::array<std::string_view, 3>{"FUNCTION", "LOAD", the_library().source});
}

take_answer read_take_answer(const reply& from, std::uint64_t turns) {
  using kind = take_answer::kind;
  if (from.what == reply::kind::integer) {
    const turn_range range{static_cast<std::uint64_t>(from.integer), turns};
    if (from.integer < 1 || !is_sound(range, turns))
      return {};
    return {.what = kind::taken, .range = range};
  }
  if (from.what != reply::kind::array || from.elements.empty() ||
      !from.elements.front()->is_string())
    return {};
  const std::string_view word = from.elements.front()->text;
  if (word == "taken" || word == "known") {
    const turn_range range{from.natural_at(1).value_or(0), from.natural_at(2).value_or(0),
                           word == "known"};
    if (!is_sound(range, turns))
      return {};
    return {.what = kind::taken, .range = range, .skipped = from.natural_at(3).value_or(0)};
  }
  static constexpr std::array<std::pair<std::string_view, kind>, 7> words{
      {{"none", kind::not_taken},
       {"exhausted", kind::exhausted},
       {"superseded", kind::superseded},
       {"forgotten", kind::forgotten},
       {"foreign", kind::foreign},
       {"behind", kind::behind},
       {"halted", kind::halted}}};
  for (const auto& [known, what] : words) {
    if (word == known)
      return {.what = what, .value = from.natural_at(1).value_or(0)};
  }
  return {};
}

bool is_loaded(const reply& answer) noexcept {
  return !answer.is_error() || answer.text.find("already exists") != std::string_view::npos;
}

refusal_kind classify_error(std::string_view text) noexcept {
  const std::string_view code = text.substr(0, text.find(' '));
  if (text.starts_with("ERR Function not found"))
    return refusal_kind::no_function;
  for (const std::string_view later :
       {"LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "NOREPLICAS"}) {
    if (code == later)
      return refusal_kind::later;
  }
  if (code == "READONLY")
    return refusal_kind::read_only;
  if (code == "WRONGTYPE")
    return refusal_kind::no_counter;
  if (code == "OOM")
    return refusal_kind::full;
  if (code == "NOAUTH" || code == "NOPERM" || code == "WRONGPASS")
    return refusal_kind::not_permitted;
  const bool of_redis = !code.empty() && std::all_of(code.begin(), code.end(),
                                                     [](char c) { return c >= 'A' && c <= 'Z'; });
  return of_redis ? refusal_kind::other : refusal_kind::foreign;
}

}  // namespace turnomatic::redis
