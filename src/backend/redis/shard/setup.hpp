// What is said on a new connection before a lane may enter.
#pragma once

#include "backend/redis/shard/take_protocol.hpp"
#include "backend/redis/store/store_guard.hpp"
#include "backend/redis/wire/commands.hpp"
#include "backend/redis/wire/server_info.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace turnomatic::redis {

/// Logs in, chooses the database, learns which server this is and whether it may be counted on,
/// loads the scripts and reads the store record: all in one write, as nothing in it depends on an
/// answer. A store that does not exist yet is founded. Without I/O.
class setup {
 public:
  struct settings {
    std::string prefix;
    std::uint32_t database{0};
    std::string client_name;
    std::string user;     ///< empty: the server's own default user
    std::string primary;  ///< the name by which sentinels know the server; empty without them
  };
  enum class progress : std::uint8_t {
    goes_on,    ///< further replies are to come
    founds,     ///< send what `append_found` appends; its reply comes here, too
    ready,      ///< the store is the one to count on
    emptied,    ///< there is no store record, and it is not for us to found one
    exchanged,  ///< another store id
    refused     ///< `trouble` says why, with the cure where there is one
  };

  setup(settings config, const bucket_keys& keys, store_guard& guard, token_source draw);

  /// Appends all commands and returns their number. An empty password is none.
  [[nodiscard]] std::uint32_t begin(std::string& out, std::string_view password,
                                    server_place place);
  void append_found(std::string& out);
  [[nodiscard]] progress take(const reply& answer);

  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }
  /// What the server said when it refused one of the commands, if that is the trouble; else empty.
  [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }
  /// The store is new, and from us.
  [[nodiscard]] bool founded() const noexcept { return founded_; }
  [[nodiscard]] const server_info& server() const noexcept { return server_; }

 private:
  enum class step : std::uint8_t {
    log_in,
    database,
    name,
    server,
    script,
    other_protocol,
    record,
    found
  };

  void say(std::string& out, step reason, std::span<const std::string_view> words);
  [[nodiscard]] progress refuse(std::string why);
  [[nodiscard]] progress take_error(step reason, std::string_view text);
  [[nodiscard]] progress refuse_as_told();
  [[nodiscard]] progress judge_server();
  [[nodiscard]] progress take_record(const reply& answer);
  [[nodiscard]] progress meet(const store_record& record);

  const settings settings_;
  const bucket_keys& keys_;
  store_guard& guard_;
  const token_source draw_;
  std::vector<step> steps_;  // whose replies are to come, last first
  server_info server_;
  std::string founding_id_;
  bool founding_allowed_{false};  // when this began: another lane may be founding the store now
  bool founded_{false};
  bool ended_{false};  // refused: what still comes is of no interest
  std::string trouble_;
  std::string refusal_;
};

}  // namespace turnomatic::redis
