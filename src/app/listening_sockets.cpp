#include "app/listening_sockets.hpp"

#include "app/config/endpoint_text.hpp"
#include "app/listen_addresses.hpp"
#include "app/socket_options.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <utility>

namespace turnomatic::app {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

enum class sharing { exclusive, shared };

// An exclusive socket listens before it allows others: bind(2) alone would let in a second
// process that is at the same point, listen(2) looks again (inet_csk_listen_start).
error_code open_one(tcp::acceptor& acceptor, const tcp::endpoint& where, sharing how,
                    std::uint32_t backlog) {
  error_code error;
  const auto failed = [&error] { return static_cast<bool>(error); };
  if (acceptor.open(where.protocol(), error); failed())
    return error;
  if (acceptor.set_option(tcp::acceptor::reuse_address{true}, error); failed())
    return error;
  prepare_for_connections(acceptor.native_handle());
  // Each family has its own socket, whatever net.ipv6.bindv6only says.
  if (where.address().is_v6()) {
    if (acceptor.set_option(boost::asio::ip::v6_only{true}, error); failed())
      return error;
  }
  if (how == sharing::shared) {
    if (error = allow_sharing(acceptor.native_handle()); failed())
      return error;
  }
  if (acceptor.bind(where, error); failed())
    return error;
  if (acceptor.listen(static_cast<int>(backlog), error); failed())
    return error;
  if (acceptor.native_non_blocking(true, error); failed())
    return error;
  if (how == sharing::exclusive)
    error = allow_sharing(acceptor.native_handle());
  return error;
}

// One socket a worker. `where` gets the port that the kernel chose.
boost::system::result<listening_sockets> open_address(tcp::endpoint& where, std::size_t copies,
                                                      std::uint32_t backlog) {
  listening_sockets sockets;
  error_code error;
  boost::asio::io_context unused;
  for (std::size_t i = 0; i < copies; ++i) {
    tcp::acceptor acceptor{unused};
    error = open_one(acceptor, where, i == 0 ? sharing::exclusive : sharing::shared, backlog);
    if (!error)
      where = acceptor.local_endpoint(error);
    if (error)
      return error;
    sockets.push_back({owned_descriptor{acceptor.release()}, where});
  }
  return sockets;
}

bool is_missing_here(const error_code& error) {
  return error == boost::asio::error::address_family_not_supported ||
         error == boost::system::errc::address_not_available;
}

class set_opener {
 public:
  using outcome = boost::system::result<void, listen_failure>;

  set_opener(std::uint32_t workers, std::uint32_t backlog) : backlog_{backlog} {
    set_.own.resize(workers);
  }

  outcome add_unix(const endpoint& where) {
    auto opened = open_unix_socket(where, backlog_);
    if (!opened)
      return cannot_listen(format_endpoint(where), opened.error());
    set_.shared.push_back(
        {std::move(opened->fd), boost::asio::local::stream_protocol::endpoint{where.unix_path}});
    set_.files.push_back(std::move(opened->file));
    return {};
  }

  outcome add_tcp(const endpoint& where) {
    const auto addresses = listen_addresses(where);
    if (!addresses)
      return addresses.error();
    // The port that the kernel chooses for the first address may be another's on the second.
    int attempts_left = where.port == 0 && addresses->size() > 1 ? 16 : 1;
    for (;;) {
      auto opened = open_addresses(*addresses);
      if (!opened && --attempts_left > 0)
        continue;
      if (!opened)
        return opened.error();
      for (listening_sockets& sockets : *opened) {
        for (std::size_t i = 0; i < sockets.size(); ++i)
          set_.own[i].push_back(std::move(sockets[i]));
      }
      return {};
    }
  }

  listening_set finish() && { return std::move(set_); }

 private:
  using opened_addresses = std::vector<listening_sockets>;

  [[nodiscard]] boost::system::result<opened_addresses, listen_failure> open_addresses(
      const std::vector<tcp::endpoint>& addresses) const {
    opened_addresses opened;
    listen_failure missing;
    std::uint16_t port = addresses.front().port();
    for (tcp::endpoint where : addresses) {
      where.port(port);
      auto sockets = open_address(where, set_.own.size(), backlog_);
      if (sockets) {
        port = where.port();
        opened.push_back(std::move(*sockets));
        continue;
      }
      missing = cannot_listen(net::to_string(where), sockets.error());
      if (!is_missing_here(sockets.error()))
        return missing;
    }
    if (opened.empty())
      return missing;
    return opened;
  }

  const std::uint32_t backlog_;
  listening_set set_;
};

}  // namespace

std::vector<std::string> listening_set::addresses() const {
  std::vector<std::string> texts;
  if (!own.empty()) {
    for (const listening_socket& each : own.front())
      texts.push_back(net::to_string(each.where));
  }
  for (const listening_socket& each : shared)
    texts.push_back(address_text(each.fd.get(), each.where));
  return texts;
}

boost::system::result<listening_set, listen_failure> open_listening_set(
    const std::vector<endpoint>& where, std::uint32_t workers, std::uint32_t backlog) {
  set_opener opener{workers, backlog};
  for (const endpoint& each : where) {
    if (auto added = each.unix_path.empty() ? opener.add_tcp(each) : opener.add_unix(each); !added)
      return added.error();
  }
  return std::move(opener).finish();
}

}  // namespace turnomatic::app
