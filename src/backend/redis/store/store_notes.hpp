// What the lanes of an instance know of a store that only people ask for.
#pragma once

#include "backend/redis/wire/server_info.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace turnomatic::redis {

/// The latest of each. Thread-safe.
class store_notes {
 public:
  struct page {
    server_info server{};     ///< what the server that was connected to last says of itself
    std::string trouble{};    ///< why a connection failed or ended; empty: none did
    std::string awaited{};    ///< names that a closed store waits for, separated by spaces
    std::string unheard{};    ///< names that a recovery did not hear, separated by spaces
    std::uint64_t losses{0};  ///< since the start: stores and records lost, counters found behind
  };

  [[nodiscard]] page read() const {
    const std::scoped_lock lock{mutex_};
    return page_;
  }

  void set_server(const server_info& server) {
    const std::scoped_lock lock{mutex_};
    page_.server = server;
  }
  void set_trouble(std::string_view why) {
    const std::scoped_lock lock{mutex_};
    page_.trouble = why;
  }
  void set_awaited(std::string_view names) {
    const std::scoped_lock lock{mutex_};
    page_.awaited = names;
  }
  void set_unheard(std::string_view names) {
    const std::scoped_lock lock{mutex_};
    page_.unheard = names;
  }

  void count_loss() {
    const std::scoped_lock lock{mutex_};
    ++page_.losses;
  }

 private:
  mutable std::mutex mutex_;
  page page_;
};

}  // namespace turnomatic::redis
