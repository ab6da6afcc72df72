// One client of the load: a connection at a time, requests along it.
#pragma once

#include "load/answer_reader.hpp"
#include "load/counters.hpp"
#include "load/id_choice.hpp"
#include "load/pace.hpp"
#include "load/plan.hpp"
#include "load/request_queue.hpp"
#include "load/request_text.hpp"
#include "load/transport.hpp"
#include "proof/observation.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic::bench {

/// What the slots of one thread share.
struct slot_context {
  const plan& how;
  const transport_factory& transports;
  const std::vector<request_text>& texts;  ///< by target
  std::vector<answer_reader>& readers;     ///< by target
  id_choice& ids;
  pace& schedule;
  counters& counted;
  moment measure_from;
  int epoll;
  std::uint64_t keys_used{0};
  std::string key_prefix;               ///< unlike that of any other run
  std::vector<observation> observed{};  ///< since the last block
  std::vector<std::string> faulty_bodies{};
  std::uint64_t answers{0};
  moment last_answer{0};
  bool over{false};  ///< nothing is tried again

  [[nodiscard]] static moment now() noexcept {
    return std::chrono::steady_clock::now().time_since_epoch().count();
  }
};

/// Sends what the schedule says is due, reads the answers, writes down what it observed, and
/// connects again when the connection ends. Belongs to one thread; the context must outlive it.
class slot {
 public:
  slot(slot_context& context, std::uint32_t connection);

  /// Connects for the first time; when a connection serves one request, only once one is due.
  void open(moment now);
  /// The socket has become ready: EPOLL flags.
  void on_ready(std::uint32_t events, moment now);
  /// Sends what is due as far as there is room.
  void pump(moment now);
  /// Looks at deadlines and at when to connect again.
  void on_tick(moment now);
  /// The load is over: what is still under way is given up.
  void abandon(moment now);

  /// Whether `pump` would take a request that is due.
  [[nodiscard]] bool has_room(moment now) const noexcept;
  /// Nothing is under way, nothing waits to be sent.
  [[nodiscard]] bool idle() const noexcept { return requests_.size() == 0; }
  /// When the oldest request of which the outcome is open was first sent; none: `now`.
  [[nodiscard]] moment oldest_sent(moment now) const noexcept { return requests_.oldest_sent(now); }

  /// For the owner's list of those with room.
  bool listed{false};

 private:
  enum class state : std::uint8_t { closed, connecting, open, ending };

  [[nodiscard]] bool is_late(moment now) const noexcept;
  void connect(moment now);
  void on_connecting(moment now);
  void close();
  void fail(failure why, moment now);
  void reopen(moment now);
  void read(moment now);
  [[nodiscard]] bool consume(bool ended, moment now);
  void on_answer(const http_answer& answer, moment now);
  void on_end_of_input(moment now);
  void on_unknown_outcome(const request& which, moment now);
  void give_up_old_keys(moment now);
  [[nodiscard]] moment first_sent_min(moment now) const noexcept;
  void take_due(moment now);
  void send(moment now);
  void flush(moment now);
  void observe(const request& which, outcome what, std::uint64_t turn, moment now);
  [[nodiscard]] bool measured(const request& which) const noexcept;

  slot_context& context_;
  const std::uint32_t connection_;
  const std::uint32_t target_;
  state state_{state::closed};
  std::unique_ptr<transport> transport_;
  request_queue requests_;
  std::string output_;
  std::size_t written_{0};  // of output_
  std::vector<char> input_;
  std::size_t filled_{0};         // of input_
  answer_reader::partial begun_;  // the answer at its beginning
  moment since_{0};               // when the state was entered
  moment last_received_{0};
  moment connect_at_{0};  // when closed: not before
  moment back_off_{0};
  bool peer_closes_{false};  // when ending: the server said so
  bool hung_up_{false};      // the end of the connection has been announced
  bool fruitful_{false};     // the connection has brought an answer
};

}  // namespace turnomatic::bench
