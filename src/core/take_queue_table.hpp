// The ids of one worker that have takes, and what is known of each.
#pragma once

#include "core/packet.hpp"

#include <turnomatic/counter_id.hpp>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/unordered_set.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace turnomatic {

/// The takes of one id, as its coalescer sees them.
struct take_queue : boost::intrusive::list_base_hook<>,
                    boost::intrusive::unordered_set_base_hook<boost::intrusive::store_hash<true>> {
  explicit take_queue(const counter_id& its_id) : id{its_id} {}

  take_list waiting;         // oldest first
  std::uint32_t size{0};     // of waiting and given_back together
  std::uint32_t batches{0};  // under way
  batch* unkeyed{nullptr};   // in the packet that is being filled, the one without a key
  counter_id id;
  take_list given_back;  // older than those that wait; while other batches are under way
};

using take_queue_list =
    boost::intrusive::list<take_queue, boost::intrusive::constant_time_size<false>>;

/// Finds the queue of an id. Ids come and go with each batch, so neither costs an allocation, and
/// the second no hash: the table allocates only to grow, and never shrinks. A queue stays where it
/// is until it is erased.
class take_queue_table {
 public:
  /// `seed` keeps clients from choosing ids that collide.
  explicit take_queue_table(std::uint64_t seed);
  ~take_queue_table();
  take_queue_table(const take_queue_table&) = delete;
  take_queue_table& operator=(const take_queue_table&) = delete;

  [[nodiscard]] bool empty() const noexcept { return queues_.empty(); }
  /// Null: there is none.
  [[nodiscard]] take_queue* find(const counter_id& id) noexcept;
  [[nodiscard]] take_queue& find_or_create(const counter_id& id);
  /// It is empty, and in no list.
  void erase(take_queue& queue) noexcept;

  /// `visit` may erase the queue that it is given.
  template <class Visit>
  void for_each(Visit visit) {
    for (auto at = queues_.begin(); at != queues_.end();)
      visit(*at++);
  }

 private:
  struct id_hash {
    std::uint64_t seed;
    [[nodiscard]] std::size_t operator()(const counter_id& id) const noexcept;
    [[nodiscard]] std::size_t operator()(const take_queue& of) const noexcept;
  };
  struct same_id {
    [[nodiscard]] bool operator()(const counter_id& a, const take_queue& b) const noexcept {
      return a == b.id;
    }
    [[nodiscard]] bool operator()(const take_queue& a, const take_queue& b) const noexcept {
      return a.id == b.id;
    }
  };
  using queue_set = boost::intrusive::unordered_set<
      take_queue, boost::intrusive::hash<id_hash>, boost::intrusive::equal<same_id>,
      boost::intrusive::power_2_buckets<true>, boost::intrusive::compare_hash<true>>;

  void grow();

  std::deque<take_queue> all_;
  std::vector<queue_set::bucket_type> buckets_;  // as many as there are queues, or more
  queue_set queues_;
  take_queue_list unused_;
};

}  // namespace turnomatic
