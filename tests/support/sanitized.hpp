// Whether a sanitizer watches: it costs time, and keeps memory that was freed.
#pragma once

namespace turnomatic::support {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace turnomatic::support
