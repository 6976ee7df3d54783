#include "sweep/workers/child_process.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

using namespace varia;
using varia::sweep::ChildProcess;

TEST_CASE("a child process tells how it ended") {
  CHECK(ChildProcess([] { return 3; }, -1).wait().text() == "ended with exit code 3");
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
