#include "report/conclusion.hpp"

#include "report/format.hpp"
#include "report/joined.hpp"

namespace turnomatic::bench {
namespace {

std::string turns_over_ids(const verdict& proof) {
  return joined({counted(proof.turns, "turn"), " over ", counted(proof.ids, "id")});
}

}  // namespace

conclusion conclusion_of(const verdict& proof) noexcept {
  if (proof.violations() != 0)
    return conclusion::violated;
  // Without violations, turns are left unexplained only if the account was lost.
  const bool open = proof.turns == 0 || proof.gave_up || proof.unexplained != 0;
  return open ? conclusion::not_proven : conclusion::proven;
}

std::string_view name_of(conclusion what) noexcept {
  switch (what) {
    case conclusion::proven:
      return "proven";
    case conclusion::violated:
      return "violated";
    case conclusion::not_proven:
      break;
  }
  return "not_proven";
}

std::string_view headline_of(conclusion what) noexcept {
  switch (what) {
    case conclusion::proven:
      return "PROVEN";
    case conclusion::violated:
      return "VIOLATED";
    case conclusion::not_proven:
      break;
  }
  return "NOTHING PROVEN";
}

int exit_status(conclusion what) noexcept {
  return static_cast<int>(what);
}

std::string sentence_about(const verdict& proof) {
  switch (conclusion_of(proof)) {
    case conclusion::proven:
      return joined({turns_over_ids(proof), ": none twice, none out of order, ",
                     proof.missing == 0 ? "no gap." : "every gap explained."});
    case conclusion::violated:
      return joined(
          {counted(proof.violations(), "violation"), " in ", turns_over_ids(proof), ".",
           proof.gave_up ? " There may be more: the gaps became too many to follow." : ""});
    case conclusion::not_proven:
      break;
  }
  if (proof.turns == 0)
    return "No turn was answered.";
  if (proof.gave_up)
    return joined({"The gaps became too many to follow, after ", turns_over_ids(proof), "."});
  return joined({"The account that might explain ", counted(proof.unexplained, "missing turn"),
                 " could not be read, after ", turns_over_ids(proof), "."});
}

}  // namespace turnomatic::bench
