// Many deadlines, of which nearly all are put off before they come.
#pragma once

#include "core/tick_count.hpp"

#include <boost/intrusive/list.hpp>

#include <array>
#include <cassert>
#include <cstddef>

namespace turnomatic {

using timer_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<struct timer_tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Has a deadline in a timer_wheel. Destroying it takes it out.
class timer_entry : public timer_hook {
 public:
  [[nodiscard]] tick deadline() const noexcept { return deadline_; }

 protected:
  timer_entry() = default;
  ~timer_entry() = default;

 private:
  friend class timer_wheel;

  tick deadline_{0};
  tick looked_at_{0};  // next; not after the deadline, unless that has passed
};

/// A hashed wheel: one list of entries for each tick of a revolution. A deadline that is put off is
/// only written down, and the entry moves when its old place comes up: to put one off costs an
/// assignment, and a tick touches what is due or was put off a revolution ago, not everything.
///
/// A tick makes its entries due; `look` works them off in steps as small as the caller wants, since
/// a hundred thousand of them may have the same deadline. Without I/O or clock; one thread.
class timer_wheel {
 public:
  static constexpr tick revolution = 512;

  /// `now` as for advance.
  explicit timer_wheel(tick now) noexcept : now_{now} {}

  /// Takes in an entry, to be looked at within a revolution. A deadline is to follow.
  void add(timer_entry& e) noexcept;
  /// Moves the deadline of an entry that has been added, whichever way.
  void set(timer_entry& e, tick deadline) noexcept {
    assert(e.is_linked());
    e.deadline_ = deadline;
    if (is_before(deadline, e.looked_at_)) [[unlikely]]
      place(e);
  }
  void remove(timer_entry& e) noexcept { e.unlink(); }

  /// It is `now`, not before what it was: what has a deadline up to that is due.
  void advance(tick now) noexcept;
  /// Has everything looked at.
  void make_all_due() noexcept;

  /// Calls `at(entry)` for up to `count` of those that are due, some of them too early: it is
  /// for the callee to compare the deadline. The callee may set any deadline and take out any
  /// entry. An entry whose deadline has passed, and is left as it is, comes again with the next
  /// tick. False: no more are due.
  template <class At>
  bool look(std::size_t count, At at) {
    for (; count > 0 && !due_.empty(); --count) {
      timer_entry& e = due_.front();
      place(e);
      at(e);
    }
    return !due_.empty();
  }

 private:
  using list = boost::intrusive::list<timer_entry, boost::intrusive::base_hook<timer_hook>,
                                      boost::intrusive::constant_time_size<false>>;

  void place(timer_entry& e) noexcept;

  std::array<list, revolution> slots_;
  list due_;
  tick now_;
};

}  // namespace turnomatic
