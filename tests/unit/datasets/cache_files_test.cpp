#include "shared/cache_files.hpp"

#include <ATen/Functions.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <vector>

#include "fixtures.hpp"
#include "images/pixel_cache.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::datasets;
using namespace varia::datasets::testing;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A folder of caches.
class Caches {
 public:
  Caches() : environment_("VARIA_DATA", folder_.path().string()) {}

  fs::path path(const std::string& name) const { return folder_.path() / "images" / name; }
  bool has(const std::string& name) const { return fs::exists(path(name)); }
  /// One image of one pixel, from the cache of a key, or written to it.
  Tensor open(const std::string& key) const {
    return cached_pixels(key, {1, 1, 1, 1}, [](PixelWriter& writer) {
      const std::uint8_t pixel = 7;
      writer.write(0, &pixel);
    });
  }
  void write(const std::string& name) const { write_file(path(name), "x"); }
  void make_old(const std::string& name, std::chrono::hours age) const {
    const auto then = std::chrono::system_clock::now() - age;
    const struct timespec time { std::chrono::system_clock::to_time_t(then), 0 };
    const struct timespec times[2] = {time, time};
    REQUIRE(::utimensat(AT_FDCWD, path(name).c_str(), times, 0) == 0);
  }

 private:
  TemporaryFolder folder_;
  Environment environment_;
};

constexpr auto kDay = 24h;

}  // namespace

TEST_CASE("caches that were not used for a week are removed when another is written") {
  const Caches caches;
  for (const auto* key : {"old", "young", "used"}) caches.open(key);
  for (const auto* name : {"old.index", "notes.txt"}) caches.write(name);
  for (const auto* name : {"old.pixels", "old.index", "used.pixels", "notes.txt"})
    caches.make_old(name, 8 * kDay);
  caches.make_old("young.pixels", 6 * kDay);
  caches.open("used");
  const auto written = fs::last_write_time(caches.path("used.pixels"));
  CHECK(fs::file_time_type::clock::now() - written > 7 * kDay);  // used is not written
  CHECK(caches.has("old.pixels"));
  caches.open("new");
  CHECK_FALSE(caches.has("old.pixels"));
  CHECK_FALSE(caches.has("old.index"));
  for (const auto* name : {"young.pixels", "used.pixels", "new.pixels", "notes.txt"}) {
    INFO(name);
    CHECK(caches.has(name));
  }
  CHECK(caches.open("old").item<int>() == 7);  // made again
}

TEST_CASE("a cache that is mapped stays, however old it is") {
  const Caches caches;
  auto mapped = caches.open("mapped");
  auto part = mapped.slice(0, 0, 1);
  caches.make_old("mapped.pixels", 400 * kDay);
  mapped.reset();
  caches.open("first");
  CHECK(caches.has("mapped.pixels"));
  CHECK(part.item<int>() == 7);
  part.reset();
  caches.open("second");
  CHECK_FALSE(caches.has("mapped.pixels"));
}

TEST_CASE("what a dead process left while it wrote a cache is removed when another is written") {
  const Caches caches;
  caches.open("first");
  caches.write("gone.pixels.123.tmp");
  caches.make_old("gone.pixels.123.tmp", 2 * kDay);
  caches.open("second");
  CHECK_FALSE(caches.has("gone.pixels.123.tmp"));
}
