// A plan, told to those who record, prove and report it.
#pragma once

#include "load/plan.hpp"
#include "proof/prover.hpp"
#include "recording/header.hpp"
#include "report/run_result.hpp"

#include <string>
#include <vector>

namespace turnomatic::bench {

/// With this host and its clock.
[[nodiscard]] recording_header header_of(const plan& how);
[[nodiscard]] prover::setup proof_of(const plan& how);
[[nodiscard]] run_setup setup_of(const plan& how);
[[nodiscard]] std::vector<std::string> targets_by_connection(const plan& how);

}  // namespace turnomatic::bench
