#include "app/check_endpoints.hpp"

#include "app/config/endpoint_overlap.hpp"
#include "app/config/endpoint_text.hpp"
#include "app/config/escape.hpp"
#include "app/listen_addresses.hpp"
#include "app/unix_socket_file.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace turnomatic::app {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

error_code bind_without_port(const tcp::endpoint& where) {
  boost::asio::io_context unused;
  tcp::socket probe{unused};
  error_code error;
  probe.open(where.protocol(), error);
  if (!error)
    probe.bind({where.address(), 0}, error);
  return error;
}

class checker {
 public:
  explicit checker(const loaded_configuration& loaded) : loaded_{loaded} {}

  void check(std::string_view key, const endpoint& where) {
    if (where.unix_path.empty())
      return check_tcp(key, where);
    if (const auto why = why_not_unix_socket(where.unix_path))
      refuse(key, where, *why);
  }

  std::vector<configuration_error> finish() && { return std::move(errors_); }

 private:
  void check_tcp(std::string_view key, const endpoint& where) {
    const auto addresses = listen_addresses(where);
    if (!addresses)
      return refuse(key, where, addresses.error().message);
    error_code last;
    std::vector<endpoint> usable;
    for (const tcp::endpoint& each : *addresses) {
      if (last = bind_without_port(each); !last)
        usable.push_back({each.address().to_string(), where.port});
    }
    if (usable.empty())
      return refuse(key, where, last.message());
    for (const endpoint& each : usable)
      compare(key, where, each);
    for (endpoint& each : usable)
      seen_.emplace_back(std::move(each), where);
  }

  // Only names can be in each other's way by now: the others were compared when they were read.
  void compare(std::string_view key, const endpoint& asked, const endpoint& address) {
    for (const auto& [other, asked_before] : seen_) {
      if (overlap(address, other))
        return refuse(key, asked, "overlaps with " + in_quotes(format_endpoint(asked_before)));
    }
  }

  void refuse(std::string_view key, const endpoint& where, const std::string& why) {
    errors_.push_back(
        {std::string{key}, loaded_.origins.find(key)->second,
         std::string{key} + " = " + in_quotes(format_endpoint(where)) + ": " + escaped(why)});
  }

  const loaded_configuration& loaded_;
  std::vector<std::pair<endpoint, endpoint>> seen_;  // an address, and what it was asked for by
  std::vector<configuration_error> errors_;
};

}  // namespace

std::vector<configuration_error> check_endpoints(const loaded_configuration& loaded) {
  checker check{loaded};
  for (const endpoint& each : loaded.values.listen)
    check.check("listen", each);
  check.check("ops_listen", loaded.values.ops_listen);
  return std::move(check).finish();
}

}  // namespace turnomatic::app
