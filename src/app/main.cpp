// turnomatic: a turn counter as a service. Reads the configuration, then serves.
#include "app/check_endpoints.hpp"
#include "app/config/load.hpp"
#include "app/config/print.hpp"
#include "app/config/sources.hpp"
#include "app/named_files.hpp"
#include "app/service.hpp"
#include "app/signals.hpp"
#include "app/uncaught_exception.hpp"
#include "telemetry/log.hpp"

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <utility>

namespace {

namespace app = turnomatic::app;

// Somebody who starts us with a standard descriptor closed must not make the next file or socket
// that is opened one of them, for the log to write into. Read only: what is written is lost, and
// counted as lost. Where there is no /dev/null any other thing will do that cannot be written.
void occupy_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0)
      continue;
    // The lowest that is free is taken: this one.
    if (::open("/dev/null", O_RDONLY) < 0)
      ::open("/", O_PATH | O_DIRECTORY);
  }
}

constexpr const char* version = TURNOMATIC_VERSION;
constexpr const char* revision = TURNOMATIC_REVISION;

int fail(int exit_code, const std::string& message) {
  turnomatic::log::complain("turnomatic: " + message);
  return exit_code;
}

/// Starts the log, and lets it finish however the instance ends.
class log_lifetime {
 public:
  explicit log_lifetime(const turnomatic::configuration& from) {
    turnomatic::log::initialise(
        {.level = from.log.level, .format = from.log.format, .output = from.log.output});
  }
  ~log_lifetime() { turnomatic::log::shutdown(); }
  log_lifetime(const log_lifetime&) = delete;
  log_lifetime& operator=(const log_lifetime&) = delete;
};

int serve(app::loaded_configuration loaded, app::configuration_sources sources,
          app::named_files files) {
  const log_lifetime log{loaded.values};
  app::service service{
      std::move(loaded), std::move(sources), std::move(files), {version, revision}};
  if (const auto opened = service.open(); !opened)
    return fail(EX_UNAVAILABLE, opened.error().message);
  service.run();
  return EX_OK;
}

// What a start would stumble over, all of it at once. Only --check-config looks names up for it: a
// start is about to do so itself.
app::named_files_read read_what_is_named(const app::loaded_configuration& loaded) {
  app::named_files_read named;
  if (loaded.wanted == app::action::serve || loaded.wanted == app::action::check_config)
    named = app::read_named_files(loaded, app::occasion::start);
  if (loaded.wanted == app::action::check_config) {
    for (auto& each : app::check_endpoints(loaded))
      named.errors.push_back(std::move(each));
  }
  return named;
}

int start(int argc, const char* const* argv) {
  app::configuration_sources sources = app::process_sources(argc, argv);
  auto loaded = app::load_configuration(sources);
  if (!loaded) {
    turnomatic::log::complain(app::report(loaded.error()));
    return loaded.error().exit_code;
  }
  auto named = read_what_is_named(*loaded);
  if (!named.errors.empty()) {
    turnomatic::log::complain(app::report({std::move(named.errors), EX_UNAVAILABLE}));
    return EX_UNAVAILABLE;
  }
  if (loaded->wanted == app::action::serve)
    return serve(std::move(*loaded), std::move(sources), std::move(named.files));
  if (const std::string warning = app::warning_of(*loaded); !warning.empty())
    turnomatic::log::complain("turnomatic: " + warning, turnomatic::log_level::warn);
  const std::string version_line = std::string{"turnomatic "} + version + " (" + revision + ")";
  const bool said = std::fputs(app::answer(*loaded, version_line).c_str(), stdout) >= 0;
  return said && std::fflush(stdout) == 0 ? EX_OK : fail(EX_UNAVAILABLE, "cannot write the answer");
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  app::end_by_uncaught_exceptions();
  try {
    app::take_over_signals();
    return start(argc, argv);
  } catch (const std::bad_alloc&) {
    return fail(EX_UNAVAILABLE, "out of memory");
  } catch (const std::exception& error) {
    // Only start-up throws: no memory, no descriptors, no threads.
    return fail(EX_UNAVAILABLE, error.what());
  }
}
