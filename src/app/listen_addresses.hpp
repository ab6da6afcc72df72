// From an endpoint to the addresses that it stands for.
#pragma once

#include "app/listen_failure.hpp"

#include <turnomatic/config.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>

#include <vector>

namespace turnomatic::app {

/// Of an endpoint of TCP; at least one, each once. `*` and `localhost` are an address of each
/// family, whether or not this machine has it. Any other name is looked up, which takes as long as
/// the resolver takes.
[[nodiscard]] boost::system::result<std::vector<boost::asio::ip::tcp::endpoint>, listen_failure>
listen_addresses(const endpoint& of);

}  // namespace turnomatic::app
