// Which sentinel to ask for the primary, and what to make of the answers.
#pragma once

#include "backend/redis/wire/resp_codec.hpp"

#include <turnomatic/redis_target.hpp>
#include <turnomatic/turn.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnomatic::redis {

/// Asks one sentinel after the other until one of them says where the primary is. The one that said
/// so last comes first; one that was of no help comes after the others, and so does one whose
/// primary turned out to be of no use. What a sentinel says that is behind another that was heard
/// before counts only if nobody knows better: it may be cut off from the others together with a
/// former primary. Other sentinels that they tell of are remembered.
///
/// A state machine without I/O or clock: `next` says who is to be connected to, `append_questions`
/// what is to be said there, and then comes `take` for each answer, or `give_up`. Used by one
/// thread.
class sentinel_resolver {
 public:
  struct settings {
    std::string primary;                ///< its name
    std::vector<redis_host> sentinels;  ///< one or more
    std::string user;                   ///< for them; empty: their default user
  };
  /// A sentinel gets this long even if the fair share is less, as far as the time of the round
  /// allows.
  static constexpr duration share_min = std::chrono::milliseconds{50};
  /// Remembered besides those of the settings.
  static constexpr std::size_t learned_max = 16;

  struct attempt {
    redis_host sentinel;
    time_point until;  ///< give up then
  };
  enum class progress : std::uint8_t {
    goes_on,   ///< further answers are to come
    found,     ///< `primary` is the one
    no_answer  ///< this sentinel is of no help: ask the next one
  };

  explicit sentinel_resolver(settings config);

  /// Begins a round. A share of the time until `deadline` is left to the connection to the primary.
  void begin(time_point now, time_point deadline);
  /// The next to be asked; nothing: nobody is left, or no time.
  [[nodiscard]] std::optional<attempt> next(time_point now);
  /// Then: a sentinel has named a `primary` that is behind others. False: `trouble` says why.
  [[nodiscard]] bool settle_for_less();
  void append_questions(std::string& out, std::string_view password);
  [[nodiscard]] progress take(const reply& answer);
  /// The one that is being asked cannot be connected to, or said nothing more in time.
  void give_up(std::string_view why);

  /// As it was found last.
  [[nodiscard]] const redis_host& primary() const { return found_.value(); }
  /// How many replicas the sentinel that was asked last has seen; nothing: it does not say.
  [[nodiscard]] std::optional<std::uint32_t> replicas() const noexcept { return replicas_; }
  /// Who said so.
  [[nodiscard]] const redis_host& witness() const noexcept { return asked_; }
  /// The primary that was found is fit to be counted on.
  void approve() noexcept;
  /// Each sentinel of the round and why it was of no help, and what helps: for people.
  [[nodiscard]] std::string trouble() const;

  /// In the order in which they would be asked, from the beginning again after the last.
  [[nodiscard]] const redis_host& sentinel_at(std::size_t index) const;
  /// A sentinel that knows of the failover of this epoch says that the primary is at `host`. True:
  /// that is news, and worth another round, which begins with that sentinel. It is not if the
  /// sentinel is behind others, or if this was found out to be no primary: else one that is behind
  /// would have us look again and again.
  [[nodiscard]] bool hear(const redis_host& sentinel, const redis_host& host,
                          std::optional<std::uint64_t> epoch);
  /// A sentinel says that the primary has just become another.
  [[nodiscard]] bool hear_switch(const redis_host& sentinel, const redis_host& host);

 private:
  enum class step : std::uint8_t { log_in, sentinels, epoch, primary };

  struct known {
    redis_host host;
    bool configured;
    bool failed{false};  ///< when it was asked last
  };

  struct opinion {
    redis_host sentinel;
    redis_host primary;
    std::uint64_t epoch;
  };

  [[nodiscard]] std::vector<known>::iterator find(const redis_host& host);
  [[nodiscard]] std::vector<known>::iterator first_failed();
  void move_to_front(const redis_host& host);
  void doubt_witness();
  void learn(const reply& answer);
  void find_primary(const redis_host& host);
  [[nodiscard]] progress fail(std::string_view why);

  const settings settings_;
  std::vector<known> order_;                                // those that failed at the end
  std::vector<redis_host> waiting_;                         // in this round, the next one last
  time_point end_;                                          // of this round
  redis_host asked_{};                                      // last
  step step_{step::log_in};                                 // of the next answer
  std::vector<std::pair<redis_host, std::string>> faults_;  // of this round
  std::optional<redis_host> found_;
  std::optional<redis_host> refuted_;      // was found, and was of no use
  bool approved_{true};                    // what was found, if anything
  std::optional<std::uint64_t> epoch_;     // of the one that is asked
  std::optional<std::uint32_t> replicas_;  // likewise
  std::uint64_t newest_epoch_{0};          // that was heard
  std::optional<opinion> behind_;          // in this round, the newest
};

}  // namespace turnomatic::redis
