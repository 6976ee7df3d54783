#include "varia/host/spawn.hpp"

#include <fcntl.h>
#include <pthread.h>

#include <csignal>
#include <cstdint>
#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "varia/host/descriptor.hpp"

using namespace varia;

namespace {

/// Has another effect of a signal in its scope.
class Effect {
 public:
  Effect(int signal, void (*effect)(int)) : signal_(signal), before_(std::signal(signal, effect)) {}
  ~Effect() { std::signal(signal_, before_); }
  Effect(const Effect&) = delete;
  Effect& operator=(const Effect&) = delete;

 private:
  int signal_;
  void (*before_)(int);
};

/// The signals of a set of a program that was started, as bits: "SigIgn" or "SigBlk".
std::uint64_t signals_of(const std::string& set, SpawnSession session) {
  const testing::TemporaryFolder folder;
  const auto file = folder / "out";
  {
    const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    std::error_code error;
    const auto process =
        spawn({"grep", set, "/proc/self/status"}, {.out = out.number()}, session, error);
    REQUIRE_FALSE(error);
    REQUIRE(wait_for_end(process, error) == 0);
    REQUIRE_FALSE(error);
  }
  std::string name;
  std::uint64_t bits = 0;
  std::ifstream(file) >> name >> std::hex >> bits;
  REQUIRE(name == set + ":");
  return bits;
}

bool has(std::uint64_t signals, int signal) { return (signals >> (signal - 1) & 1U) == 1; }

}  // namespace

TEST_CASE("a program ignores and blocks no signal, whatever this process does") {
  const Effect pipe(SIGPIPE, SIG_IGN), size(SIGXFSZ, SIG_IGN), user(SIGUSR1, SIG_IGN);
  sigset_t some, before;
  sigemptyset(&some);
  sigaddset(&some, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &some, &before);
  const auto session = GENERATE(SpawnSession::shared, SpawnSession::own);
  const auto ignored = signals_of("SigIgn", session);
  const auto blocked = signals_of("SigBlk", session);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  for (const int signal : {SIGPIPE, SIGXFSZ, SIGUSR1}) CHECK_FALSE(has(ignored, signal));
  CHECK(blocked == 0);
}

TEST_CASE("what nohup has switched off stays so in the same session") {
  const Effect hangup(SIGHUP, SIG_IGN);
  CHECK(has(signals_of("SigIgn", SpawnSession::shared), SIGHUP));
  CHECK_FALSE(has(signals_of("SigIgn", SpawnSession::own), SIGHUP));
}

TEST_CASE("a program that is not there cannot be started") {
  std::error_code error;
  CHECK(spawn({"no-such-program-anywhere"}, {}, SpawnSession::shared, error) == -1);
  CHECK(error == std::errc::no_such_file_or_directory);
}

TEST_CASE("that the system does not tell how a program ended is an error, and no success") {
  const Effect untold(SIGCHLD, SIG_IGN);
  std::error_code error;
  const auto process = spawn({"true"}, {}, SpawnSession::shared, error);
  REQUIRE_FALSE(error);
  wait_for_end(process, error);
  CHECK(error == std::errc::no_child_process);
}
