#include "sweep/workers/trial_log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using varia::sweep::TrialLog;

namespace {

void print(const TrialLog& log, const std::string& text) {
  REQUIRE(::write(log.descriptor(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

off_t size_of(const TrialLog& log) {
  struct stat status {};
  REQUIRE(::fstat(log.descriptor(), &status) == 0);
  return status.st_size;
}

}  // namespace

TEST_CASE("a log tells the last lines, and forgets when it is told to") {
  TrialLog log;
  CHECK(log.tail().empty());
  print(log, "1\n2\n\n3\n4\n5\n6\nhalf");
  CHECK(log.tail() == "3 | 4 | 5 | 6 | half");
  const varia::testing::TemporaryFolder folder;
  log.append_to(folder / "logs" / "a.log");
  CHECK(std::filesystem::file_size(folder / "logs/a.log") == 17);
  log.restart();
  CHECK(log.tail().empty());
}

TEST_CASE("of a worker that prints without end the end is kept") {
  TrialLog log;
  const std::string line = std::string(1023, 'x') + "\n";
  std::string part;
  for (int i = 0; i < 1024; ++i) part += line;
  for (int i = 0; i < 64; ++i) print(log, part);
  log.limit();
  CHECK(size_of(log) == 64 << 20);
  print(log, "the last words\n");
  log.limit();
  CHECK(size_of(log) == 1 << 20);
  print(log, "and more\n");
  CHECK(log.tail().find("the last words | and more") != std::string::npos);
}
