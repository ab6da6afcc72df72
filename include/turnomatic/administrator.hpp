// What operators look at and change in a running instance.
#pragma once

#include <turnomatic/breaker.hpp>
#include <turnomatic/counter_id.hpp>
#include <turnomatic/error.hpp>
#include <turnomatic/turn.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace turnomatic {

enum class admin_action : std::uint8_t {
  peek,  ///< one counter; takes nothing
  list,  ///< some counters
  set,   ///< the last turn that was taken, forward unless forced
  resume,
  show_breakers,
  set_breakers,
  adopt  ///< the store as it is now is the one to count on
};

struct admin_request {
  static constexpr std::uint32_t limit_max = 1000;

  admin_action action{admin_action::peek};
  std::optional<counter_id> id;         ///< of peek, set and resume
  std::uint64_t turn{0};                ///< of set: the next one that is taken is turn + 1
  bool force{false};                    ///< of set: also back, where turns are handed out again
  std::optional<std::uint64_t> from{};  ///< of set: the turn that must be found; with force always
  std::uint64_t cursor{0};              ///< of list: of the page before, 0 for the first
  std::uint32_t limit{100};             ///< of list: about how many; 1 to limit_max
  breaker_mode mode{breaker_mode::automatic};  ///< of set_breakers
  std::string peer{};                          ///< who asks, for the log
};

struct admin_answer {
  struct counter {
    std::string id;
    std::uint64_t turn;  ///< the last that was taken, 0 if none was
    bool halted;
  };
  struct breaker {
    std::uint32_t worker;
    breaker_state state;
    breaker_mode mode;
    unsigned failure_percent;
    unsigned slow_percent;
  };

  std::vector<counter> counters;  ///< of peek, set and resume the one
  std::uint64_t cursor{0};        ///< of list: for the next page, 0 behind the last
  std::uint64_t turn_before{0};   ///< of set
  std::vector<breaker> breakers;  ///< as they are now, one a worker
  bool adopted{false};            ///< of adopt: false if counting was not halted
};

/// Does what operators ask for. Belongs to the thread that serves them.
class administrator {
 public:
  using completion = std::function<void(result<admin_answer>)>;

  virtual ~administrator() = default;

  /// `done` is called once, on the same thread, perhaps before this returns; not at all if that
  /// thread ends first. An error of class outcome_unknown: the change was sent to the store and may
  /// have been made. Any other: it was not.
  virtual void perform(const admin_request& request, completion done) = 0;
};

}  // namespace turnomatic
