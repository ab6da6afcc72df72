// The counters that are halted, as far as this instance knows.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// Each was behind what this instance had handed out, and is remembered until it goes on.
/// Thread-safe.
class halted_counters {
 public:
  struct entry {
    std::string id;
    std::uint64_t found;   ///< where the counter stood
    std::uint64_t issued;  ///< what this instance had handed out
  };
  static constexpr std::size_t capacity = 1000;

  /// False if it was known already, or there are `capacity` of them: then it is not kept.
  bool add(const entry& counter);
  void remove(std::string_view id);
  /// At most `limit`, in the order of ids, of those after `id`.
  [[nodiscard]] std::vector<entry> list(std::size_t limit = capacity,
                                        std::string_view id = {}) const;
  [[nodiscard]] bool empty() const noexcept { return size_.load(std::memory_order_relaxed) == 0; }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, entry, std::less<>> entries_;
  std::atomic<std::size_t> size_{0};
};

}  // namespace turnomatic::redis
