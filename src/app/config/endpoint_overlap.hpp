// Endpoints that stand in each other's way.
#pragma once

#include <turnomatic/config.hpp>

#include <string>
#include <vector>

namespace turnomatic::app {

/// The numeric addresses that `host` is known to stand for without a look-up: two of `*` and of
/// `localhost`, itself if it is one. Nothing of any other name.
[[nodiscard]] std::vector<std::string> known_addresses(const std::string& host);

/// Whether two sockets would want one address: the same, or one of them all of its family. Of
/// names only what is known without a look-up. Port 0 is another port each time.
[[nodiscard]] bool overlap(const endpoint& one, const endpoint& other);

}  // namespace turnomatic::app
