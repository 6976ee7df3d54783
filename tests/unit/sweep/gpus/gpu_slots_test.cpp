#include "sweep/gpus/gpu_slots.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::sweep;

namespace {

Gpu gpu(const std::string& name) { return {.name = name, .identity = name, .description = ""}; }

std::vector<std::string> names(const GpuSlots& slots) {
  std::vector<std::string> names;
  for (const auto* one : slots.taken()) names.push_back(one->name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("every GPU has one trial before one has a second") {
  const testing::TemporaryFolder folder;
  GpuSlots slots({gpu("a"), gpu("b")}, 2, folder / "locks");
  CHECK(slots.size() == 4);
  for (int i = 0; i < 4; ++i) CHECK(slots.take());
  CHECK_FALSE(slots.take());
  CHECK(names(slots) == Names{"a", "b", "a", "b"});
}

TEST_CASE("runs share the places of a GPU, whatever they call it") {
  const testing::TemporaryFolder folder;
  GpuSlots first({gpu("a"), gpu("b")}, 1, folder / "locks");
  REQUIRE(first.take());
  {
    auto same = gpu("0");
    same.identity = "a";
    GpuSlots second({same, gpu("b")}, 1, folder / "locks");
    CHECK(second.take());
    CHECK(names(second) == Names{"b"});
    CHECK_FALSE(second.take());
    CHECK_FALSE(first.take());
  }
  CHECK(first.take());
}

TEST_CASE("a place is free when the last process of its run has ended, and not before") {
  const testing::TemporaryFolder folder;
  auto run = std::make_unique<GpuSlots>(std::vector{gpu("a")}, 1, folder / "locks");
  REQUIRE(run->take());
  int wait[2];
  REQUIRE(::pipe(wait) == 0);
  const auto worker = ::fork();
  if (worker == 0) {
    ::close(wait[1]);
    char end = 0;
    ::_exit(::read(wait[0], &end, 1) == 0 ? 0 : 1);
  }
  ::close(wait[0]);
  run.reset();
  GpuSlots next({gpu("a")}, 1, folder / "locks");
  CHECK_FALSE(next.take());
  ::close(wait[1]);
  ::waitpid(worker, nullptr, 0);
  CHECK(next.take());
}

TEST_CASE("names that are no file names lock all the same") {
  const testing::TemporaryFolder folder;
  GpuSlots slots({gpu("../a"), gpu("MIG-1/2")}, 1, folder / "locks");
  CHECK(slots.take());
  CHECK(slots.take());
  CHECK(std::filesystem::exists(folder / "locks/___a.0"));
  CHECK(std::filesystem::exists(folder / "locks/MIG-1_2.0"));
}

TEST_CASE("what another put in the place of the locks is not used") {
  const testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "elsewhere");
  std::filesystem::create_directory_symlink(folder / "elsewhere", folder / "locks");
  GpuSlots slots({gpu("a")}, 1, folder / "locks");
  CHECK_THROWS_AS(slots.take(), Error);
  CHECK(std::filesystem::is_empty(folder / "elsewhere"));
}
