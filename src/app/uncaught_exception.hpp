// What becomes of an exception that nobody catches.
#pragma once

namespace turnomatic::app {

/// From here on such an exception, in whatever thread, is logged with its text and ends the process
/// by SIGABRT, after what the log holds has got out. It is a defect or the end of memory, and a
/// worker that goes on after it could count wrongly.
void end_by_uncaught_exceptions() noexcept;

}  // namespace turnomatic::app
