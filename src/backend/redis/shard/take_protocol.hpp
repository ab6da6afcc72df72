// What a lane and its record in the store agree on, and what became of a packet.
#pragma once

#include "backend/redis/wire/commands.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::redis {

/// Draws a random text of 64 bits that was never drawn before.
using token_source = std::function<std::string()>;

/// One lane: how it enters the store on each new connection, whether a packet may go, and what an
/// answer says of the packet that is under way. Nothing is ever sent twice: a packet whose answer
/// was lost is looked up by taking the record over, and what floats on the old connection is
/// refused by its generation from then on.
///
/// A state machine without I/O, clock or batches. Used by one thread.
class take_protocol {
 public:
  explicit take_protocol(token_source draw) : draw_{std::move(draw)} {}

  enum class state : std::uint8_t {
    away,      ///< no connection, or nothing has been said on it
    entering,  ///< register or takeover is under way
    barred,    ///< the store is closed: ask again
    counting,  ///< packets may go
  };

  /// What is known of the packet that was under way.
  enum class fate : std::uint8_t {
    none,          ///< there was none, or nothing is known yet
    executed,      ///< the results are in the answer
    not_executed,  ///< and it never will be
    doubtful,      ///< not executed as far as the store remembers, but it was sent before the
                   ///< server restarted: it may have been executed and lost
    unknown,       ///< it may have been executed, and its turns may be somebody else's by now
  };

  struct verdict {
    enum class kind : std::uint8_t {
      counting,
      closed,     ///< enter again later; where `behind`, as a new lane
      lost,       ///< the record is not where the lane left it: enter again, as a new lane
      foreign,    ///< the store is another one, or was emptied
      late,       ///< end the connection: the answer may be out of date
      malformed,  ///< end the connection: the answer makes no sense
    };

    kind type{kind::malformed};
    fate packet{fate::none};
    const reply* results{nullptr};  ///< of an executed packet, in the answer
    /// The store came back behind, or the record is gone, and was given up: what was found not
    /// executed before may have been executed after all.
    bool behind{false};
    bool emptied{false};     ///< of a foreign store: there is no store record
    bool has_double{false};  ///< somebody else goes on with the record: a copy of this process
    std::string loss{};      ///< what was expected and what was found, for people
  };

  /// A connection to a server in this run is ready.
  void connected(std::string run);
  void disconnected() noexcept { state_ = state::away; }
  /// A recovery has ended: enter again.
  void store_opened() noexcept {
    if (state_ == state::barred)
      state_ = state::away;
  }
  /// The store is another one from now on, with nothing of this lane in it. True: a packet was
  /// under way, and what became of it is not to be had any more.
  [[nodiscard]] bool forsake();

  /// Appends register or takeover, while away or barred. Nothing else of the lane is sent before
  /// the answer has come.
  void enter(std::string& out, const bucket_keys& keys, const store_identity& store);
  [[nodiscard]] verdict on_entered(const entry_answer& answer);

  /// Appends a packet. Only while counting, with none under way.
  void send(std::string& out, const packet& batches, std::span<const std::uint64_t> marks,
            loss_policy policy, std::chrono::milliseconds key_lifetime, time_point now);
  /// Its type is counting or lost; or malformed, and the packet is still under way.
  [[nodiscard]] verdict on_packet(const reply& answer, std::size_t batches);
  /// The store said that it did not execute the packet: it may be sent as if it never had been.
  void on_packet_refused() noexcept { packet_.reset(); }

  /// Whether the record was found where it must be, with nothing under way.
  [[nodiscard]] verdict on_refreshed(const entry_answer& answer);

  [[nodiscard]] state standing() const noexcept { return state_; }
  [[nodiscard]] bool packet_under_way() const noexcept { return packet_.has_value(); }
  [[nodiscard]] bool is_registered() const noexcept { return !generation_.empty(); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& run() const noexcept { return run_; }

 private:
  /// A packet whose outcome is open.
  struct open_packet {
    std::uint64_t run;   ///< `run_number_` when it was sent
    std::string token;   ///< the loss token when it was sent
    std::uint64_t name;  ///< when it was sent: not even a copy of this process sends at that moment
  };

  [[nodiscard]] const std::string& generation_to_offer();
  void acknowledge_offer();
  [[nodiscard]] bool is_known(std::string_view generation) const noexcept;
  [[nodiscard]] bool is_in_place(const entry_answer& answer) const noexcept;
  [[nodiscard]] verdict lose(std::string_view generation, std::optional<std::uint64_t> sequence);
  [[nodiscard]] verdict on_taken_over(const entry_answer& answer);
  void forget_record();

  token_source draw_;
  state state_{state::away};
  std::string run_;              // of the server on this connection
  std::string name_;             // of the record, or of the registration under way
  std::uint64_t run_number_{0};  // goes up with each run that is met, and while the store is closed
  std::string generation_;       // acknowledged; empty: no record is known to exist
  /// Offered since `generation_` was acknowledged, the latest last: the record may have any of
  /// them.
  std::vector<std::string> offered_;
  bool draws_next_{true};      // the latest was offered on an earlier connection
  bool record_lost_{false};    // and the store does not know it yet
  std::string token_;          // the loss token, as last seen
  std::uint64_t sequence_{0};  // acknowledged
  std::optional<open_packet> packet_;
  take_formatter takes_;
};

}  // namespace turnomatic::redis
