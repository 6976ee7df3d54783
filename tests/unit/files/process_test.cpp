#include "files/process.hpp"

#include <pthread.h>
#include <signal.h>

#include <system_error>

#include "support/catch.hpp"

using namespace varia::files;

namespace {

bool is_blocked(int signal) {
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return ::sigismember(&mask, signal) == 1;
}

/// No thread can be started in its scope: none has room for its stack.
class NoThreads {
 public:
  NoThreads() {
    ::pthread_getattr_default_np(&before_);
    pthread_attr_t huge = before_;
    ::pthread_attr_setstacksize(&huge, std::size_t{1} << 47U);
    ::pthread_setattr_default_np(&huge);
  }
  ~NoThreads() { ::pthread_setattr_default_np(&before_); }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t before_{};
};

}  // namespace

TEST_CASE("a quiet thread receives no signals, and the thread that starts it still does") {
  bool is_quiet = false;
  quiet_thread([&](const auto&) { is_quiet = is_blocked(SIGINT) && is_blocked(SIGUSR1); }).join();
  CHECK(is_quiet);
  CHECK_FALSE(is_blocked(SIGINT));
}

TEST_CASE("a quiet thread that cannot be started leaves the signals as they were") {
  const NoThreads none;
  CHECK_THROWS_AS(quiet_thread([](const auto&) {}), std::system_error);
  CHECK_FALSE(is_blocked(SIGINT));
}
