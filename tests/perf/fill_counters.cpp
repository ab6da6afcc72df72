// Takes one turn of each of N ids over one pipelined connection, so that a server holds N
// counters. The ids are the ones that many_ids.lua asks for: "c", then digits up to the width.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

constexpr std::uint64_t batch_max = 64;  // the depth that the server answers in one write
constexpr time_t stall_seconds = 10;

struct options {
  std::uint64_t port{0};
  std::uint64_t count{0};
  std::uint64_t width{16};
  std::string_view prefix{"/turno/"};  // of the path; the id follows
};

std::uint64_t parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument("not a number: " + std::string(text));
  }
  return number;
}

class connection {
 public:
  explicit connection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    const timeval patience{stall_seconds, 0};
    if (fd_ < 0 || ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0 ||
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
        ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
      throw std::system_error(errno, std::generic_category(), "connect");
    }
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { ::close(fd_); }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        throw std::system_error(errno, std::generic_category(), "send");
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// Takes one answer off the stream; throws unless it is a 200.
  void expect_success() {
    constexpr std::string_view success = "HTTP/1.1 200 ";
    constexpr std::string_view length_field = "\r\nContent-Length: ";
    std::size_t header_end = received_.find("\r\n\r\n", taken_);
    for (; header_end == std::string::npos; header_end = received_.find("\r\n\r\n", taken_)) {
      receive();
    }
    const std::string_view header(received_.data() + taken_, header_end - taken_);
    const std::size_t field = header.find(length_field);
    if (!header.starts_with(success) || field == std::string_view::npos) {
      throw std::runtime_error("unexpected answer: " + std::string(header));
    }
    const std::size_t from = field + length_field.size();
    const std::uint64_t length = parse_number(header.substr(from, header.find('\r', from) - from));
    taken_ = header_end + 4 + length;
    while (received_.size() < taken_) {
      receive();
    }
  }

  /// Forgets the answers taken so far; what they held is free for the next ones.
  void compact() {
    received_.erase(0, taken_);
    taken_ = 0;
  }

 private:
  void receive() {
    // A server that leaves Nagle's algorithm on (webdis) sends the rest of a batch only when its
    // beginning is acknowledged. The kernel forgets this wish, so it is told each time.
    const int on = 1;
    static_cast<void>(::setsockopt(fd_, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on));
    std::array<char, 32768> buffer;
    const ssize_t size = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (size < 0) {
      throw std::system_error(errno, std::generic_category(), "receive");
    }
    if (size == 0) {
      throw std::runtime_error("the server closed the connection");
    }
    received_.append(buffer.data(), static_cast<std::size_t>(size));
  }

  int fd_;
  std::string received_;
  std::size_t taken_{0};
};

std::string make_id(std::uint64_t number, std::uint64_t width) {
  const std::string digits = std::to_string(number);
  return "c" + std::string(width - 1 - std::min(width - 1, digits.size()), '0') + digits;
}

void fill(const options& wanted) {
  connection server(static_cast<std::uint16_t>(wanted.port));
  std::string requests;
  for (std::uint64_t next = 0; next < wanted.count;) {
    const std::uint64_t batch = std::min(batch_max, wanted.count - next);
    requests.clear();
    for (std::uint64_t i = 0; i < batch; ++i) {
      requests.append("GET ").append(wanted.prefix).append(make_id(next + i, wanted.width));
      requests += " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    }
    server.send(requests);
    for (std::uint64_t i = 0; i < batch; ++i) {
      server.expect_success();
    }
    server.compact();
    next += batch;
  }
}

options parse(const std::vector<std::string_view>& arguments) {
  options result;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    if (i + 1 == arguments.size()) {
      throw std::invalid_argument("missing value of " + std::string(arguments[i]));
    }
    if (arguments[i] == "--prefix") {
      result.prefix = arguments[i + 1];
      continue;
    }
    const std::uint64_t number = parse_number(arguments[i + 1]);
    if (arguments[i] == "--port") {
      result.port = number;
    } else if (arguments[i] == "--count") {
      result.count = number;
    } else if (arguments[i] == "--width") {
      result.width = number;
    } else {
      throw std::invalid_argument("unknown option " + std::string(arguments[i]));
    }
  }
  const bool digits_fit =
      result.width >= 2 && result.width <= 64 &&
      (result.count == 0 || std::to_string(result.count - 1).size() < result.width);
  if (result.port == 0 || result.port > 65535 || result.count == 0 || !digits_fit) {
    throw std::invalid_argument("--port, --count and --width (2 to 64, room for all digits)");
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  options wanted;
  try {
    wanted = parse({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "fill_counters: " << error.what() << '\n'
              << "usage: fill_counters --port N --count N [--width N] [--prefix /turno/]\n";
    return 64;
  }
  try {
    fill(wanted);
  } catch (const std::exception& error) {
    std::cerr << "fill_counters: " << error.what() << '\n';
    return 69;
  }
  return 0;
}
