// What a run comes to, in one word.
#pragma once

#include "proof/prover.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace turnomatic::bench {

enum class conclusion : std::uint8_t {
  proven,      ///< every turn once and in order, every missing one explained
  violated,    ///< at least one violation, however the run ended
  not_proven,  ///< no turn was answered, the gaps became too many to follow, or turns are
               ///< missing that an account which was lost might explain
};

[[nodiscard]] conclusion conclusion_of(const verdict& proof) noexcept;

/// `proven`, `violated`, `not_proven`: for machines.
[[nodiscard]] std::string_view name_of(conclusion what) noexcept;
/// `PROVEN`, `VIOLATED`, `NOTHING PROVEN`: for people.
[[nodiscard]] std::string_view headline_of(conclusion what) noexcept;
/// Of the process: 0, 1, 2.
[[nodiscard]] int exit_status(conclusion what) noexcept;

/// One or two sentences that go with the headline.
[[nodiscard]] std::string sentence_about(const verdict& proof);

}  // namespace turnomatic::bench
