// A TCP proxy of the loopback that passes each byte on so much after it came: what a store in
// another zone or another data centre is to the service. Says its port, then runs until it is
// ended.
#include "support/fault_proxy.hpp"

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using turnomatic::support::direction;
using turnomatic::support::fault_proxy;

constexpr std::uint64_t delay_us_max = 1'000'000;

std::uint64_t parse_number(std::string_view text, std::uint64_t least, std::uint64_t greatest) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least ||
      number > greatest)
    throw std::invalid_argument("not a number in its range: " + std::string{text});
  return number;
}

struct options {
  std::uint16_t port;
  std::chrono::microseconds delay;
};

options parse(const std::vector<std::string_view>& arguments) {
  if (arguments.size() != 2)
    throw std::invalid_argument("two arguments are needed");
  return {static_cast<std::uint16_t>(parse_number(arguments[0], 1, 65535)),
          std::chrono::microseconds{parse_number(arguments[1], 0, delay_us_max)}};
}

}  // namespace

int main(int argc, char** argv) {
  options wanted;
  try {
    wanted = parse({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "delay_proxy: " << error.what() << '\n'
              << "usage: delay_proxy PORT MICROSECONDS_EACH_WAY\n";
    return 64;
  }
  // Blocked before the proxy's thread exists, so that only sigwait sees them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  try {
    fault_proxy proxy{wanted.port};
    proxy.delay(direction::to_server, wanted.delay);
    proxy.delay(direction::to_client, wanted.delay);
    std::cout << proxy.port() << std::endl;
    int which = 0;
    sigwait(&ends, &which);
  } catch (const std::exception& error) {
    std::cerr << "delay_proxy: " << error.what() << '\n';
    return 69;
  }
  return 0;
}
