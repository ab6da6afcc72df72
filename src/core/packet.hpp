// What travels to a store in one command: the batches of many ids.
#pragma once

#include <turnomatic/counter_backend.hpp>
#include <turnomatic/counter_id.hpp>

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace turnomatic {

using take_list =
    boost::intrusive::list<take_operation, boost::intrusive::constant_time_size<false>>;

struct take_queue;

struct packet_limits {
  std::size_t batches_max{256};                   ///< at least 1
  std::size_t bytes_max{std::size_t{16} * 1024};  ///< of ids and keys
};

/// The takes of one id that share one increment. A coalescer puts it into a packet, where it is
/// under way until it is settled, failed or given back; its members can be read until the packet is
/// cleared.
class batch {
 public:
  batch(const counter_id& its_id, std::uint64_t its_client) : id{its_id}, client{its_client} {}
  batch(batch&&) noexcept = default;  // a vector asks for it; nothing is moved once it holds a take
  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;
  batch& operator=(batch&&) = delete;
  ~batch() = default;

  counter_id id;
  std::uint64_t turns{0};  ///< asked for by all its takes together, at least 1
  std::uint64_t client;    ///< of its first take
  std::string_view key;    ///< of its only take, if that has one; the packet owns the characters

  [[nodiscard]] bool under_way() const noexcept { return queue_ != nullptr; }

 private:
  friend class coalescer;
  friend class packet;

  take_list takes_;             // in the order of their arrival
  take_queue* queue_{nullptr};  // of its id, while it is under way
};

/// The batches that share a command: first those without a key, then those under one. An id has at
/// most one of the first kind. Belongs to the sender, who has it filled again and again; it
/// allocates only to grow. While batches of it are under way it is destroyed only together with its
/// coalescer, whichever goes first: their ids would wait for them in vain.
class packet {
 public:
  packet() = default;
  packet(const packet&) = delete;
  packet& operator=(const packet&) = delete;
  ~packet() = default;

  [[nodiscard]] auto begin() noexcept { return batches_.begin(); }
  [[nodiscard]] auto begin() const noexcept { return batches_.begin(); }
  [[nodiscard]] auto end() noexcept { return batches_.end(); }
  [[nodiscard]] auto end() const noexcept { return batches_.end(); }
  [[nodiscard]] batch& operator[](std::size_t index) noexcept { return batches_[index]; }
  [[nodiscard]] const batch& operator[](std::size_t index) const noexcept {
    return batches_[index];
  }
  [[nodiscard]] bool empty() const noexcept { return batches_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return batches_.size(); }

  /// Forgets its batches, all of which have ended.
  void clear() noexcept;

 private:
  friend class coalescer;

  // A take under a key. Its batch is made once those without one are complete.
  struct keyed_take {
    take_operation* take;
    take_queue* queue;
  };
  using hook = boost::intrusive::list_member_hook<
      boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

  void reserve(const packet_limits& limits);
  [[nodiscard]] bool has_room_for(const take_operation& first,
                                  const packet_limits& limits) const noexcept;
  [[nodiscard]] bool remember_key(std::uint64_t hash) noexcept;
  [[nodiscard]] batch& append(take_queue& queue, const take_operation& first);
  void count_batch(take_queue& queue, const take_operation& first) noexcept;
  void append_keyed();

  hook hook_;  // linked while batches of it may be under way
  std::vector<batch> batches_;
  std::vector<keyed_take> keyed_;
  std::string keys_;                       // what batch::key refers to
  std::vector<std::uint64_t> key_hashes_;  // open addressing, half empty; 0: free
  std::size_t bytes_{0};                   // of ids and keys
};

}  // namespace turnomatic
