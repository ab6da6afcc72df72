#include "backend/redis/endpoint/static_endpoint.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <utility>

namespace turnomatic::redis {

static_endpoint::static_endpoint(boost::asio::io_context& io, const redis_target& target,
                                 const std::string& server_name,
                                 net::name_lookup::resolver resolver)
    : target_{target},
      server_name_{server_name.empty() ? target.hosts.front().name : server_name},
      name_{target.unix_path.empty() ? target.hosts.front().name : target.unix_path},
      lookup_{io, std::move(resolver)} {}

void static_endpoint::resolve(time_point /*deadline*/, completion done) {
  if (!target_.unix_path.empty())
    return done(primary_location{{boost::asio::local::stream_protocol::endpoint{target_.unix_path}},
                                 server_name_});
  const auto& [host, port] = target_.hosts.front();
  boost::system::error_code not_numeric;
  const auto address = boost::asio::ip::make_address(host, not_numeric);
  if (!not_numeric)
    return done(primary_location{{boost::asio::ip::tcp::endpoint{address, port}}, server_name_});
  lookup_.start(host, port, [this, done = std::move(done)](const net::name_lookup::outcome& found) {
    if (!found)
      return done(found.error().message());
    if (found->empty())
      return done(std::string{"the name has no address"});
    primary_location location;
    location.addresses.assign(found->begin(), found->end());
    location.server_name = server_name_;
    done(std::move(location));
  });
}

}  // namespace turnomatic::redis
