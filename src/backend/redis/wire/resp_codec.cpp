#include "backend/redis/wire/resp_codec.hpp"

#include <hiredis/hiredis.h>

#include <array>
#include <charconv>

namespace turnomatic::redis {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void append_command_head(std::string& out, std::size_t arguments) {
  out += '*';
  append_number(out, arguments);
  out += "\r\n";
}

void append_argument(std::string& out, std::string_view text) {
  out += '$';
  append_number(out, text.size());
  out.append("\r\n").append(text).append("\r\n");
}

void append_argument(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  append_argument(out, std::string_view{digits.data(), end});
}

void append_command(std::string& out, std::span<const std::string_view> arguments) {
  append_command_head(out, arguments.size());
  for (const std::string_view each : arguments)
    append_argument(out, each);
}

std::optional<std::uint64_t> natural_of(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [read_to, error] = std::from_chars(digits.data(), end, value);
  return error == std::errc{} && read_to == end ? std::optional{value} : std::nullopt;
}

struct reply_reader::node : reply {
  std::string storage;
};

// What hiredis calls while it reads. Objects live in the reader's nodes, so nothing is freed;
// returning null makes hiredis give up.
struct reply_reader::callbacks {
  static node* create(const redisReadTask* task, reply::kind type) {
    auto& self = *static_cast<reply_reader*>(task->privdata);
    if (self.used_ == elements_max)
      return nullptr;
    if (self.used_ == self.nodes_.size())
      self.nodes_.emplace_back();
    node& made = self.nodes_[self.used_++];
    made.type = type;
    made.integer = 0;
    made.text = {};
    made.elements.clear();
    if (task->parent != nullptr)
      static_cast<node*>(task->parent->obj)->elements.push_back(&made);
    return &made;
  }

  static void* string(const redisReadTask* task, char* text, std::size_t size) {
    const auto type = task->type == REDIS_REPLY_ERROR    ? reply::kind::error
                      : task->type == REDIS_REPLY_STATUS ? reply::kind::status
                                                         : reply::kind::string;
    node* const made = create(task, type);
    if (made != nullptr) {
      made->storage.assign(text, size);
      made->text = made->storage;
    }
    return made;
  }
  static void* array(const redisReadTask* task, int elements) {
    if (elements < 0 || static_cast<std::size_t>(elements) > elements_max)
      return nullptr;
    return create(task, reply::kind::array);
  }
  static void* integer(const redisReadTask* task, long long value) {
    node* const made = create(task, reply::kind::integer);
    if (made != nullptr)
      made->integer = value;
    return made;
  }
  static void* nil(const redisReadTask* task) { return create(task, reply::kind::nil); }
  static void release(void*) {}
};

void reply_reader::deleter::operator()(redisReader* reader) const noexcept {
  ::redisReaderFree(reader);
}

reply_reader::reply_reader() {
  // hiredis keeps the pointer and does not write through it.
  static redisReplyObjectFunctions functions{&callbacks::string, &callbacks::array,
                                             &callbacks::integer, &callbacks::nil,
                                             &callbacks::release};
  reader_.reset(::redisReaderCreateWithFunctions(&functions));
  if (!reader_)
    throw std::bad_alloc{};
  reader_->privdata = this;
}

reply_reader::~reply_reader() = default;

void reply_reader::feed(std::string_view bytes) {
  if (broken_)
    return;
  const std::size_t unread = reader_->len - reader_->pos;
  broken_ = unread + bytes.size() > bytes_max ||
            ::redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK;
}

const reply* reply_reader::next() {
  if (broken_)
    return nullptr;
  // Between two replies hiredis holds none of the nodes.
  if (reader_->ridx == -1)
    used_ = 0;
  void* found = nullptr;
  broken_ = ::redisReaderGetReply(reader_.get(), &found) != REDIS_OK;
  return broken_ ? nullptr : static_cast<const node*>(found);
}

}  // namespace turnomatic::redis
