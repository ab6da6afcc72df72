#include "app/listen_addresses.hpp"

#include "app/config/endpoint_overlap.hpp"
#include "app/config/endpoint_text.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <string>

namespace turnomatic::app {

using boost::asio::ip::tcp;

boost::system::result<std::vector<tcp::endpoint>, listen_failure> listen_addresses(
    const endpoint& of) {
  std::vector<tcp::endpoint> addresses;
  for (const std::string& each : known_addresses(of.host))
    addresses.emplace_back(boost::asio::ip::make_address(each), of.port);
  if (!addresses.empty())
    return addresses;

  boost::asio::io_context unused;
  boost::system::error_code error;
  for (const auto& found : tcp::resolver{unused}.resolve(of.host, std::to_string(of.port),
                                                         tcp::resolver::numeric_service, error)) {
    if (std::find(addresses.begin(), addresses.end(), found.endpoint()) == addresses.end())
      addresses.push_back(found.endpoint());
  }
  if (error)
    return cannot_listen(format_endpoint(of), error);
  return addresses;
}

}  // namespace turnomatic::app
