#include "load/account.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

namespace turnomatic::bench {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::string_view series = "turnomatic_turns_burned_total";

// One GET of /metrics, step by step: each completion starts the next.
class metrics_request {
 public:
  metrics_request(const target& where, std::chrono::milliseconds patience)
      : stream_{context_},
        request_{http::verb::get, where.prefix + "/metrics", 11},
        address_{where.address} {
    request_.set(http::field::host, where.host_field);
    request_.set(http::field::connection, "close");
    response_.body_limit(std::uint64_t{64} << 20);
    stream_.expires_after(patience);
  }

  beast::error_code run() {
    stream_.async_connect(address_, [this](beast::error_code error) {
      if (failed(error))
        return;
      http::async_write(stream_, request_, [this](beast::error_code on_write, std::size_t) {
        if (failed(on_write))
          return;
        http::async_read(stream_, buffer_, response_,
                         [this](beast::error_code on_read, std::size_t) { (void)failed(on_read); });
      });
    });
    context_.run();
    return error_;
  }

  [[nodiscard]] const http::response<http::string_body>& response() const {
    return response_.get();
  }

 private:
  bool failed(beast::error_code error) {
    error_ = error;
    return error.failed();
  }

  boost::asio::io_context context_;
  beast::tcp_stream stream_;
  http::request<http::empty_body> request_;
  http::response_parser<http::string_body> response_;
  beast::flat_buffer buffer_;
  const boost::asio::ip::tcp::endpoint address_;
  beast::error_code error_;
};

}  // namespace

std::optional<std::uint64_t> burned_turns_in(std::string_view exposition) {
  std::optional<std::uint64_t> sum;
  while (!exposition.empty()) {
    const std::size_t end = exposition.find('\n');
    const std::string_view line = exposition.substr(0, end);
    exposition.remove_prefix(end == std::string_view::npos ? exposition.size() : end + 1);
    if (!line.starts_with(series))
      continue;
    const std::string_view rest = line.substr(series.size());
    const std::size_t value = rest.rfind(' ');
    if (value == std::string_view::npos || (rest[0] != '{' && rest[0] != ' '))
      continue;
    const double number = std::strtod(std::string{rest.substr(value + 1)}.c_str(), nullptr);
    if (number >= 0)
      sum = sum.value_or(0) + static_cast<std::uint64_t>(std::llround(number));
  }
  return sum;
}

boost::system::result<std::vector<std::uint64_t>, complaint> read_accounts(
    const std::vector<target>& operators, std::chrono::milliseconds patience) {
  std::vector<std::uint64_t> result;
  for (const target& each : operators) {
    metrics_request request{each, patience};
    if (const auto error = request.run())
      return complaint{each.url + ": no metrics: " + error.message()};
    const auto burned = request.response().result() == http::status::ok
                            ? burned_turns_in(request.response().body())
                            : std::nullopt;
    if (!burned)
      return complaint{each.url + "/metrics has no " + std::string{series}};
    result.push_back(*burned);
  }
  return result;
}

std::optional<complaint> named_twice(const std::vector<target>& operators) {
  for (auto each = operators.begin(); each != operators.end(); ++each) {
    const auto same = std::find_if(operators.begin(), each, [&](const target& earlier) {
      return earlier.address == each->address && earlier.prefix == each->prefix;
    });
    if (same != each)
      return complaint{each->url + ": the same operations listener as " + same->url};
  }
  return {};
}

std::uint64_t burned_between(const std::vector<std::uint64_t>& before,
                             const std::vector<std::uint64_t>& after) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    sum += after[i] >= before[i] ? after[i] - before[i] : after[i];
  return sum;
}

}  // namespace turnomatic::bench
