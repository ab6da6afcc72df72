// The proof over several recordings.
#pragma once

#include "proof/prover.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic::bench {

struct merged_recordings {
  verdict proof;
  servers_account account;                      ///< the sum of those that were read
  std::vector<std::string> id_names;            ///< by `observation::id`
  std::vector<std::string> connection_targets;  ///< by `observation::connection`
};

/// Proves the recordings as one run. Ids of one name are one id, whoever asked for them.
/// Recordings of one boot of one host share a clock; `clock_error` bounds how far the clocks of
/// two hosts disagree, and without it order is proven within each host only. Generators that read
/// the account of the same servers at the same time count its burned turns twice: that may hide
/// a gap, but accuses nobody. The error is in words for the user.
[[nodiscard]] boost::system::result<merged_recordings, std::string> prove_recordings(
    const std::vector<std::string>& files, std::optional<moment> clock_error);

}  // namespace turnomatic::bench
