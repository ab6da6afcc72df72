// The Redis protocol (RESP2): commands to bytes, bytes to replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;  // NOLINT(readability-identifier-naming): of hiredis

namespace turnomatic::redis {

/// Appends a command. An argument may hold any bytes.
void append_command(std::string& out, std::span<const std::string_view> arguments);
/// The same in pieces: how many arguments there are, with the command's name, and each of them.
void append_command_head(std::string& out, std::size_t arguments);
void append_argument(std::string& out, std::string_view text);
void append_argument(std::string& out, std::uint64_t number);

/// What is nothing but decimal digits, and fits.
[[nodiscard]] std::optional<std::uint64_t> natural_of(std::string_view digits) noexcept;

/// One reply. What it refers to belongs to the reader that made it.
struct reply {
  enum class kind : std::uint8_t { string, array, integer, nil, status, error };

  kind type{kind::nil};
  std::int64_t integer{0};
  std::string_view text;               ///< of a string, a status or an error
  std::vector<const reply*> elements;  ///< of an array

  [[nodiscard]] bool is_error() const noexcept { return type == kind::error; }
  [[nodiscard]] bool is_string() const noexcept {
    return type == kind::string || type == kind::status;
  }
  /// Of an array: the string at `index`; empty if there is none.
  [[nodiscard]] std::string_view text_at(std::size_t index) const noexcept {
    return index < elements.size() && elements[index]->is_string() ? elements[index]->text
                                                                   : std::string_view{};
  }
  /// Of an array: the integer at `index`, if it is one and not negative.
  [[nodiscard]] std::optional<std::uint64_t> natural_at(std::size_t index) const noexcept {
    if (index >= elements.size() || elements[index]->type != kind::integer ||
        elements[index]->integer < 0)
      return std::nullopt;
    return static_cast<std::uint64_t>(elements[index]->integer);
  }
};

/// Takes bytes as they come and gives the replies that they hold. What a server may send is
/// bounded; beyond that, and after anything that is not RESP, the reader is broken for good. Makes
/// no allocation for replies no larger than those before. Not thread-safe.
class reply_reader {
 public:
  static constexpr std::size_t bytes_max = std::size_t{4} << 20;     ///< of one reply
  static constexpr std::size_t elements_max = std::size_t{1} << 16;  ///< of one reply

  reply_reader();
  ~reply_reader();
  reply_reader(const reply_reader&) = delete;
  reply_reader& operator=(const reply_reader&) = delete;

  void feed(std::string_view bytes);
  /// The next reply, valid until the next call; null if it is not complete yet, or broken.
  [[nodiscard]] const reply* next();
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  struct node;
  struct callbacks;
  struct deleter {
    void operator()(redisReader* reader) const noexcept;
  };

  std::unique_ptr<redisReader, deleter> reader_;
  std::deque<node> nodes_;  // of the reply being read; kept for the next
  std::size_t used_{0};
  bool broken_{false};
};

}  // namespace turnomatic::redis
