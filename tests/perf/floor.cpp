// The floor: the least that one HTTP exchange costs on this machine.
//
// A bare epoll loop that receives, finds the end of the header, formats the answer that the
// server would give and sends it. It does not parse, route, check or count per id, and it
// bears only clients that read what they asked for. What a server costs beyond it is the
// server's own doing.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iostream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace {

constexpr std::string_view end_of_header = "\r\n\r\n";
constexpr std::size_t request_size_max = 16 * 1024;
constexpr std::size_t input_size = 2 * request_size_max;
constexpr std::size_t output_size = 64 * 1024;
constexpr std::size_t answer_size_max = 256;
constexpr int events_max = 512;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int checked(int result, const char* what) {
  if (result < 0) {
    throw_errno(what);
  }
  return result;
}

char* append(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

/// Formats answers. The part up to the length of the body changes once a second, with Date.
class answer_format {
 public:
  /// Writes one answer, shorter than `answer_size_max`; returns its end.
  char* write(char* to, std::uint64_t turn) {
    constexpr std::string_view before = R"({"id":"grupo7","turno":)";
    std::array<char, 20> digits{};
    const auto digits_end = std::to_chars(digits.begin(), digits.end(), turn).ptr;
    const std::string_view number(digits.data(),
                                  static_cast<std::size_t>(digits_end - digits.data()));

    to = append(to, head_);
    to = std::to_chars(to, to + digits.size(), before.size() + number.size() + 1).ptr;
    to = append(to, end_of_header);
    to = append(to, before);
    to = append(to, number);
    return append(to, "}");
  }

  void refresh(std::time_t now) {
    if (now == formatted_at_) {
      return;
    }
    formatted_at_ = now;
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::array<char, 64> date{};
    const std::size_t size =
        std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    head_ = "HTTP/1.1 200 OK\r\nDate: ";
    head_.append(date.data(), size);
    head_ += "\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: ";
  }

 private:
  std::time_t formatted_at_{-1};
  std::string head_;
};

/// One thread: its own listener, epoll set and connections. Level-triggered throughout.
class worker {
 public:
  worker(int listener, int stop_event)
      : listener_(listener), epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
    watch(listener_);
    watch(stop_event);
    stop_event_ = stop_event;
  }
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker() {
    ::close(epoll_);
    ::close(listener_);
  }

  void run() {
    std::array<epoll_event, events_max> events{};
    for (;;) {
      const int count = ::epoll_wait(epoll_, events.data(), events_max, -1);
      if (count < 0 && errno != EINTR) {
        throw_errno("epoll_wait");
      }
      answer_.refresh(std::time(nullptr));
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == stop_event_) {
          return;
        }
        if (fd == listener_) {
          accept_all();
        } else if (!serve(fd)) {
          ::close(fd);
          unfinished(fd).clear();
        }
      }
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    checked(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  }

  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        return;
      }
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (unfinished_.size() <= static_cast<std::size_t>(fd)) {
        unfinished_.resize(static_cast<std::size_t>(fd) + 1);
      }
      watch(fd);
    }
  }

  std::string& unfinished(int fd) { return unfinished_[static_cast<std::size_t>(fd)]; }

  /// Answers all requests that have arrived whole. False: the connection is to be closed.
  bool serve(int fd) {
    std::string& rest = unfinished(fd);
    const std::size_t kept = rest.copy(input_.data(), rest.size());
    const ssize_t received = ::recv(fd, input_.data() + kept, input_.size() - kept, 0);
    if (received <= 0) {
      return received < 0 && (errno == EAGAIN || errno == EINTR);
    }

    std::string_view input(input_.data(), kept + static_cast<std::size_t>(received));
    char* end = output_.data();
    for (std::size_t at = input.find(end_of_header); at != std::string_view::npos;
         at = input.find(end_of_header)) {
      input.remove_prefix(at + end_of_header.size());
      end = answer_.write(end, ++turn_);
      if (output_.data() + output_.size() - end < static_cast<std::ptrdiff_t>(answer_size_max)) {
        if (!send_all(fd, end)) {
          return false;
        }
        end = output_.data();
      }
    }
    rest = input;
    return input.size() <= request_size_max && send_all(fd, end);
  }

  /// Sends the output up to `end`. A client that does not read what it asked for is dropped.
  bool send_all(int fd, const char* end) {
    const auto size = end - output_.data();
    return size == 0 ||
           ::send(fd, output_.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
  }

  int listener_;
  int epoll_;
  int stop_event_{-1};
  std::uint64_t turn_{0};
  answer_format answer_;
  std::vector<std::string> unfinished_;  // by descriptor: a request whose end is still to come
  std::array<char, input_size> input_{};
  std::array<char, output_size> output_{};
};

/// A listener on 127.0.0.1. With SO_REUSEPORT each worker has one of its own on one port.
int listen_on(std::uint16_t port) {
  const int fd =
      checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP), "socket");
  const int on = 1;
  checked(::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), "SO_REUSEPORT");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  checked(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(::listen(fd, SOMAXCONN), "listen");
  return fd;
}

std::uint16_t port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  checked(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  return ntohs(address.sin_port);
}

struct options {
  std::uint16_t port{0};
  std::uint16_t workers{1};
};

bool parse_number(std::string_view text, std::uint16_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool parse(const std::vector<std::string_view>& arguments, options& result) {
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const bool known = arguments[i] == "--port" || arguments[i] == "--workers";
    std::uint16_t& number = arguments[i] == "--port" ? result.port : result.workers;
    if (!known || i + 1 == arguments.size() || !parse_number(arguments[i + 1], number)) {
      return false;
    }
  }
  return result.workers > 0;
}

void serve_until_signalled(const options& wanted) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  // Blocked before the first thread starts, so that only sigwait() below sees them.
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const int stop_event = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");

  const int first = listen_on(wanted.port);
  const std::uint16_t port = port_of(first);
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < wanted.workers; ++i) {
    const int listener = i == 0 ? first : listen_on(port);
    threads.emplace_back([listener, stop_event] { worker(listener, stop_event).run(); });
  }
  std::cout << "listening on 127.0.0.1:" << port << '\n' << std::flush;

  int signal = 0;
  ::sigwait(&signals, &signal);
  // Never read, so the event stays up until every worker has seen it.
  checked(::eventfd_write(stop_event, 1), "eventfd_write");
}

}  // namespace

int main(int argc, char** argv) {
  options wanted;
  if (!parse({argv + 1, argv + argc}, wanted)) {
    std::cerr << "usage: floor [--port N] [--workers N]\n";
    return 64;
  }
  try {
    serve_until_signalled(wanted);
  } catch (const std::exception& error) {
    std::cerr << "floor: " << error.what() << '\n';
    return 69;
  }
  return 0;
}
