// One request on its way to its answer.
#pragma once

#include "http/problem.hpp"
#include "http/response_writer.hpp"

#include <turnomatic/counter_backend.hpp>
#include <turnomatic/observer.hpp>

#include <boost/system/result.hpp>

#include <memory>
#include <string>
#include <vector>

namespace turnomatic::http {

class session;
class exchange_pool;

/// Holds a request's place in its connection's order until its answer is written, and is the
/// operation that a backend completes. It outlives its session when the client leaves while
/// the backend is still at work.
class exchange final : public take_operation {
 public:
  enum class state : std::uint8_t { waiting, turn, problem, document, no_content, stream };

  explicit exchange(exchange_pool& pool) noexcept : pool_{pool} {}

  void complete(result_type outcome) noexcept override;

  /// As `complete`, with a JSON document or what stands against it, for what is no take.
  void complete_document(boost::system::result<std::string, http::problem> outcome) noexcept;

  /// Turns the outcome of the take into an answer.
  void settle(const result_type& outcome) noexcept;

  session* owner{nullptr};  ///< null once the client has gone
  exchange* next{nullptr};  ///< behind this one on the same connection, or in the pool

  state what{state::waiting};
  enum route route { route::unknown };
  method_label method{method_label::other};
  answer_frame frame;
  http::problem problem{};
  std::uint16_t status{0};
  std::string_view allow;
  std::uint64_t turn{0};
  bool known{false};  ///< as turn_range::known
  time_point arrived;
  std::string idempotency_key;  ///< what `once` refers to

  std::string_view content_type;
  std::string body;            ///< of a document
  std::string allowed_origin;  ///< what `frame.allowed_origin` refers to
  std::string access_target;   ///< set if this request goes into the access log

 private:
  exchange_pool& pool_;
};

/// Recycles exchanges, so that a request allocates nothing once the worker is warm. The pool
/// never shrinks; it holds as many as were under way at once.
class exchange_pool {
 public:
  /// `events` is told of turns that come back when nobody waits for them any more.
  explicit exchange_pool(observer& events) noexcept : events_{events} {}
  exchange_pool(const exchange_pool&) = delete;
  exchange_pool& operator=(const exchange_pool&) = delete;

  /// A waiting exchange without an owner.
  [[nodiscard]] exchange& acquire();
  void release(exchange& e) noexcept;

  /// Takes back one whose session has gone and whose take has ended.
  void orphan_completed(exchange& e, const exchange::result_type& outcome) noexcept;

 private:
  observer& events_;
  std::vector<std::unique_ptr<exchange>> all_;
  exchange* free_{nullptr};
};

}  // namespace turnomatic::http
