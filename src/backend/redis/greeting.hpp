// What is said on a new connection before it counts.
#pragma once

#include "backend/redis/resp_codec.hpp"
#include "backend/redis/store_function.hpp"

#include <boost/system/result.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace turnomatic::redis {

/// Logs in, chooses the database, learns which server this is and whether it may be counted on,
/// loads the function and reads the store's genesis, one command after the other. Without I/O.
class greeting {
 public:
  struct settings {
    std::string user;
    std::string password;
    std::uint32_t database{0};
    std::string client_name;
    /// A token that was never drawn before, for a store that has none, if `may_found`. Each time
    /// anew: a store that was emptied must not get the token back that it had.
    std::function<std::string()> draw_genesis;
  };

  explicit greeting(settings how) : how_{std::move(how)} {}

  /// From the beginning. `may_found`: a store without a genesis is given one.
  void begin(bool may_found);
  /// Appends the next command; false if there is none: the greeting is complete.
  [[nodiscard]] bool next(std::string& out, store_commands& commands);
  /// Takes the reply to the command before. Otherwise why it cannot go on, in words.
  [[nodiscard]] boost::system::result<void, std::string> take(const reply& answer);

  /// The run id of the server, drawn anew at each of its starts, and its replication id, drawn anew
  /// whenever a replica becomes a primary. While both stay, nothing that was written can be gone.
  [[nodiscard]] const std::string& epoch() const noexcept { return epoch_; }
  /// Empty: the store has none.
  [[nodiscard]] const std::string& genesis() const noexcept { return genesis_; }
  [[nodiscard]] std::string draw_genesis() const { return how_.draw_genesis(); }
  /// The store has its token from us.
  [[nodiscard]] bool founded() const noexcept { return founded_; }

 private:
  enum class step : std::uint8_t { log_in, database, name, server, library, found, genesis, done };

  [[nodiscard]] bool is_needed(step which) const noexcept;
  [[nodiscard]] static bool may_go_on(step refused, const reply& answer) noexcept;
  [[nodiscard]] boost::system::result<void, std::string> take_info(std::string_view info);

  const settings how_;
  step step_{step::log_in};
  bool may_found_{false};
  bool founded_{false};
  std::string epoch_;
  std::string genesis_;
};

}  // namespace turnomatic::redis
