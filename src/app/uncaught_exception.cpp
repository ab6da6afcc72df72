#include "app/uncaught_exception.hpp"

#include "telemetry/log.hpp"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <string_view>

namespace turnomatic::app {
namespace {

constexpr std::chrono::seconds last_flush{1};

void say(const char* what) noexcept {
  std::array<char, 16> thread{};  // as long as such a name may be
  ::pthread_getname_np(::pthread_self(), thread.data(), thread.size());
  log::flush(last_flush);
  const std::uint64_t dropped = log::dropped();
  log::error("uncaught exception: ending", {{"what", what}, {"thread", thread.data()}});
  log::flush(last_flush);
  if (log::dropped() == dropped)
    return;
  // No memory for a line; this takes none.
  for (const std::string_view part : {"turnomatic: uncaught exception: ", what, "\n"})
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, part.data(), part.size());
}

// Called where the exception was thrown, as nobody catches it: the core shows how it came to that.
[[noreturn]] void on_terminate() noexcept {
  static std::atomic_flag called;
  while (called.test_and_set())  // another thread, or what follows: the first one ends us
    ::pause();
  try {
    if (const std::exception_ptr thrown = std::current_exception())
      std::rethrow_exception(thrown);
    say("std::terminate was called");
  } catch (const std::exception& error) {
    say(error.what());
  } catch (...) {
    say("of an unknown type");
  }
  std::abort();
}

}  // namespace

void end_by_uncaught_exceptions() noexcept {
  std::set_terminate(on_terminate);
}

}  // namespace turnomatic::app
