// Where one HTTP/1.1 answer ends and the next begins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace turnomatic::bench {

struct http_answer {
  int status{0};
  bool last{false};       ///< the server closes the connection after it
  std::string_view body;  ///< valid until the next call of the reader or change of its input
};

/// Reads answers with Beast's parser, and remembers what it said of the last head: an answer
/// whose head is the same byte for byte, as all but one a second are, needs no parsing. Connections
/// to one server share it: where one of them stands within an answer is not its own to know. Not
/// thread-safe.
class answer_reader {
 public:
  static constexpr std::size_t head_size_max = std::size_t{64} << 10;
  static constexpr std::size_t body_size_max = std::size_t{1} << 20;

  enum class progress { complete, incomplete, not_http };

  /// An answer of which only a part has come, so that each byte is parsed once into however many
  /// pieces it is cut. One for each connection.
  class partial {
   public:
    partial();
    ~partial();
    partial(const partial&) = delete;
    partial& operator=(const partial&) = delete;

    /// The connection has ended: the next answer begins afresh.
    void forget();

   private:
    friend class answer_reader;
    struct state;
    std::unique_ptr<state> state_;  // null between answers
  };

  /// Reads the answer at the beginning of `input`, `ended` if nothing will follow. If complete,
  /// fills `answer` and sets `size` to what it took of the input. If incomplete, `begun` holds
  /// where it stopped, and the next call is to bring the same input and more.
  [[nodiscard]] progress read(std::string_view input, bool ended, partial& begun,
                              http_answer& answer, std::size_t& size);

 private:
  [[nodiscard]] progress parse(std::string_view input, bool ended, partial::state& from);
  void take(std::string_view input, partial::state& from, http_answer& answer);

  std::string known_head_;
  std::size_t known_body_size_{0};
  int known_status_{0};
  bool known_last_{false};
  std::string body_;  // of an answer that was parsed
};

}  // namespace turnomatic::bench
