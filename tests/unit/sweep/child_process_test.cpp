#include "sweep/workers/child_process.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

using namespace varia;
using varia::sweep::Channel;
using varia::sweep::ChildProcess;

TEST_CASE("a child process tells how it ended") {
  CHECK(ChildProcess([] { return 3; }, -1).wait().text() == "ended with exit code 3");
}

TEST_CASE("that the system does not tell how a process ended is an error, and no success") {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  ChildProcess child([] { return 0; }, -1);
  CHECK_THROWS_AS(child.wait(), Error);
  std::signal(SIGCHLD, before);
}

namespace {
const Channel* asked = nullptr;
}

TEST_CASE("a handler of a signal can send the empty message, between others") {
  auto [here, there] = Channel::pair();
  asked = &there;
  const auto before = std::signal(SIGUSR2, [](int) { asked->send_empty(); });
  there.send("first");
  std::raise(SIGUSR2);
  there.send("last");
  std::signal(SIGUSR2, before);
  CHECK(here.receive() == "first");
  CHECK(here.receive() == "");
  CHECK(here.receive() == "last");
}

TEST_CASE("what a mapped file lacks is zero and an error in a child process, too") {
  const varia::testing::TemporaryFolder folder;
  const std::size_t page = 1 << 16;  // of any system
  const auto path = folder / "a";
  std::ofstream(path, std::ios::binary) << std::string(4 * page, 'x');
  const MappedFile file(path);
  std::filesystem::resize_file(path, page);
  ChildProcess child(
      [&] {
        if (file.data()[page - 1] != 'x') return 2;
        if (file.data()[3 * page] != 0) return 3;
        try {
          require_whole(file.data());
        } catch (const DataError&) {
          return 0;
        }
        return 4;
      },
      -1);
  CHECK(child.wait().text() == "ended with exit code 0");
}
