#include "report/violation_view.hpp"

#include "report/format.hpp"
#include "report/joined.hpp"
#include "report/outside_text.hpp"

#include <algorithm>
#include <limits>

namespace turnomatic::bench {
namespace {

std::string turn_of(const std::optional<observation>& request) {
  return request ? joined({"turn ", grouped(request->turn)}) : "a turn";
}

std::string gap_sentence(const finding& what) {
  const std::uint64_t size = what.gap_last - what.gap_first + 1;
  std::string text =
      size == 1 ? joined({"turn ", grouped(what.gap_first), " reached nobody, unexplained"})
                : joined({"turns ", grouped(what.gap_first), " to ", grouped(what.gap_last), " (",
                          grouped(size), ") reached nobody, not all explained"});
  if (what.second)
    text += joined({"; ", turn_of(what.second), " came first above"});
  return text;
}

std::string inversion_sentence(const finding& what) {
  std::string text = joined(
      {turn_of(what.second), " was asked for after ", turn_of(what.first), " had been answered"});
  if (what.first && what.second && what.second->sent > what.first->received) {
    text += joined(
        {", ", milliseconds_text(since(what.first->received, what.second->sent)), " ms later"});
  }
  return text;
}

std::string sentence_for(const finding& what) {
  switch (what.kind) {
    case violation::duplicate:
      return joined({turn_of(what.second), " was given twice",
                     what.first ? "" : "; who had it first is too long ago to be remembered"});
    case violation::inversion:
      return inversion_sentence(what);
    case violation::connection_order:
      return joined(
          {turn_of(what.second), " followed ", turn_of(what.first), " on one connection"});
    case violation::gap:
      return gap_sentence(what);
    case violation::wrong_id:
      return "the answer held a turn of another id";
    case violation::malformed:
      return "the answer had status 200, but no turn that can be read";
  }
  return {};
}

request_view view_of(const observation& request, moment origin, const proof_result& of) {
  return {.turn = request.turn == 0 ? "n/a" : grouped(request.turn),
          .sent_ms = milliseconds_text(since(origin, request.sent)),
          .received_ms = milliseconds_text(since(origin, request.received)),
          .connection = std::to_string(request.connection),
          .target = printable(target_name(of, request.connection)),
          .retried = request.retried != 0};
}

}  // namespace

moment earliest_in(const finding& what) noexcept {
  if (!what.first && !what.second)
    return 0;
  moment earliest = std::numeric_limits<moment>::max();
  for (const auto* request : {&what.first, &what.second}) {
    if (*request)
      earliest = std::min({earliest, (*request)->sent, (*request)->received});
  }
  return earliest;
}

std::uint64_t since(moment origin, moment when) noexcept {
  // Unsigned: the difference of two moments may be larger than a moment.
  return static_cast<std::uint64_t>(when) - static_cast<std::uint64_t>(origin);
}

std::string id_name(const proof_result& of, std::uint32_t id) {
  return id < of.id_names.size() ? of.id_names[id] : joined({"#", std::to_string(id)});
}

std::string_view target_name(const proof_result& of, std::uint32_t connection) {
  if (connection < of.connection_targets.size())
    return of.connection_targets[connection];
  return "unknown";
}

violation_view view_of(const finding& what, const proof_result& of) {
  violation_view view{.kind = std::string{name_of(what.kind)},
                      .id = printable(id_name(of, what.id)),
                      .sentence = sentence_for(what),
                      .requests = {}};
  std::replace(view.kind.begin(), view.kind.end(), '_', ' ');
  const moment origin = earliest_in(what);
  for (const auto* request : {&what.first, &what.second}) {
    if (*request)
      view.requests.push_back(view_of(**request, origin, of));
  }
  return view;
}

}  // namespace turnomatic::bench
