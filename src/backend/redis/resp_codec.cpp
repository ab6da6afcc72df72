#include "backend/redis/resp_codec.hpp"

#include <hiredis/hiredis.h>

#include <array>
#include <cassert>

namespace turnomatic::redis {
namespace {

constexpr std::size_t arguments_on_stack = 16;

}  // namespace

void append_command(std::string& out, std::span<const std::string_view> arguments) {
  std::array<const char*, arguments_on_stack> texts_on_stack;
  std::array<std::size_t, arguments_on_stack> sizes_on_stack;
  std::vector<const char*> texts_on_heap;
  std::vector<std::size_t> sizes_on_heap;
  std::span<const char*> texts{texts_on_stack};
  std::span<std::size_t> sizes{sizes_on_stack};
  if (arguments.size() > arguments_on_stack) {
    texts_on_heap.resize(arguments.size());
    sizes_on_heap.resize(arguments.size());
    texts = texts_on_heap;
    sizes = sizes_on_heap;
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    texts[i] = arguments[i].data();
    sizes[i] = arguments[i].size();
  }
  char* command = nullptr;
  const int size = ::redisFormatCommandArgv(&command, static_cast<int>(arguments.size()),
                                            texts.data(), sizes.data());
  if (size < 0)
    throw std::bad_alloc{};
  out.append(command, static_cast<std::size_t>(size));
  ::redisFreeCommand(command);
}

struct reply_reader::node : reply {
  std::string storage;
};

// What hiredis calls while it reads. Objects live in the reader's nodes, so nothing is freed;
// returning null makes hiredis give up.
struct reply_reader::callbacks {
  static node* create(const redisReadTask* task, reply::kind what) {
    auto& self = *static_cast<reply_reader*>(task->privdata);
    if (self.used_ == elements_max)
      return nullptr;
    if (self.used_ == self.nodes_.size())
      self.nodes_.emplace_back();
    node& made = self.nodes_[self.used_++];
    made.what = what;
    made.integer = 0;
    made.text = {};
    made.elements.clear();
    if (task->parent != nullptr)
      static_cast<node*>(task->parent->obj)->elements.push_back(&made);
    return &made;
  }

  static void* string(const redisReadTask* task, char* text, std::size_t size) {
    const auto what = task->type == REDIS_REPLY_ERROR    ? reply::kind::error
                      : task->type == REDIS_REPLY_STATUS ? reply::kind::status
                                                         : reply::kind::string;
    node* const made = create(task, what);
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

void reply_reader::deleter::operator()(redisReader* which) const noexcept {
  ::redisReaderFree(which);
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
