#include "load/target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace turnomatic::bench {
namespace {

using boost::asio::ip::tcp;

// Whether `where` accepts a connection within `patience`.
bool accepts(const tcp::endpoint& where, std::chrono::milliseconds patience) {
  boost::asio::io_context context;
  tcp::socket socket{context};
  bool connected = false;
  socket.async_connect(where, [&](boost::system::error_code error) { connected = !error; });
  context.run_for(patience);
  return connected;
}

complaint about(std::string_view url, const std::string& what) {
  return {std::string{url} + ": " + what};
}

}  // namespace

boost::system::result<target, complaint> parse_target(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || (parsed->scheme() != "http" && parsed->scheme() != "https"))
    return about(url, "not a URL such as http://127.0.0.1:7017");
  if (parsed->host().empty())
    return about(url, "no host");
  if (parsed->has_port() && parsed->port_number() == 0)
    return about(url, "no such port");
  if (parsed->has_userinfo() || parsed->has_query() || parsed->has_fragment())
    return about(url, "user, query and fragment have no place in a base URL");

  target result;
  result.url = url;
  result.tls = parsed->scheme() == "https";
  result.host = parsed->host_address();
  result.port = parsed->has_port() ? std::string{parsed->port()} : (result.tls ? "443" : "80");
  result.host_field = parsed->encoded_host_and_port();
  result.prefix = std::string{parsed->encoded_path()};
  while (result.prefix.ends_with('/'))
    result.prefix.pop_back();
  return result;
}

boost::system::result<void, complaint> find_address(target& where,
                                                    std::chrono::milliseconds patience) {
  boost::asio::io_context context;
  tcp::resolver resolver{context};
  boost::system::error_code error;
  const auto found = resolver.resolve(where.host, where.port, error);
  if (error)
    return about(where.url, "cannot resolve " + where.host + ": " + error.message());
  for (const auto& entry : found) {
    if (accepts(entry.endpoint(), patience)) {
      where.address = entry.endpoint();
      return {};
    }
  }
  return about(where.url, "nothing accepts connections there");
}

}  // namespace turnomatic::bench
