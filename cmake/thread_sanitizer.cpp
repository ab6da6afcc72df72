// Part of the program where the thread sanitizer watches it.
#include <poll.h>

namespace {

// libtsan 12 makes a thread's signal context in the first call that it intercepts and that may
// block (SigCtx in tsan_interceptors_posix.cpp), and a signal that comes just then gets a context
// that the interrupted call replaces: it is lost. For the main thread that call is the epoll_wait
// of its loop, when signals count. So it is made before main, while none does.
[[gnu::constructor]] void make_signal_context() {
  ::poll(nullptr, 0, 0);
}

}  // namespace
