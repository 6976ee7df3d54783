#include <sys/stat.h>

#include "fixtures.hpp"
#include "support/catch.hpp"
#include "varia/samples.hpp"
#include "varia/sha256.hpp"

using namespace varia;
using namespace varia::datasets::testing;

TEST_CASE("a mapped file shows the bytes of the file") {
  const TemporaryFolder folder;
  write_file(folder / "a", "hello");
  const MappedFile file(folder / "a");
  CHECK(std::string(file.data(), file.data() + file.size()) == "hello");
  file.release(0, file.size());
  CHECK(file.data()[4] == 'o');
}

TEST_CASE("what a file lacks that is cut short while it is mapped is zero, and an error") {
  const TemporaryFolder folder;
  const std::size_t page = 1 << 16;  // of any system
  write_file(folder / "a", std::string(4 * page, 'x'));
  write_file(folder / "b", std::string(4 * page, 'y'));
  const MappedFile file(folder / "a");
  const MappedFile other(folder / "b");
  std::filesystem::resize_file(folder / "a", page);
  require_whole(file.data());  // nothing was read yet
  CHECK(file.data()[page - 1] == 'x');
  require_whole(file.data());
  CHECK(file.data()[3 * page] == 0);
  CHECK(file.data()[2 * page] == 0);
  CHECK(message_of([&] { require_whole(file.data() + 5); }) ==
        (folder / "a").string() + ": was cut short while it was in use.");
  CHECK(other.data()[3 * page] == 'y');
  require_whole(other.data());
  require_whole(&page);
  CHECK(contains(message_of([&] {
                   mapped_tensor(std::make_shared<const MappedFile>(folder / "a"), page, {1});
                 }),
                 "is cut short"));
}

TEST_CASE("images of a file that is cut short while it is in use are an error") {
  const TemporaryFolder folder;
  write_file(folder / "a", std::string(1 << 20, 'x'));
  const auto file = std::make_shared<const MappedFile>(folder / "a");
  const MemorySamples samples(mapped_tensor(file, 0, {16, 1, 256, 256}));
  CHECK(samples.gather(at::tensor({15}, at::kLong), at::kCPU).min().item<float>() > 0);
  std::filesystem::resize_file(folder / "a", 1 << 17);
  CHECK(samples.gather(at::tensor({0}, at::kLong), at::kCPU).min().item<float>() > 0);
  CHECK(contains(message_of([&] { samples.gather(at::tensor({15}, at::kLong), at::kCPU); }),
                 "was cut short"));
}

TEST_CASE("what is no regular file is refused at once, a pipe too") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  write_file(folder / "empty", "");
  const auto message = [&](const std::string& name) {
    return message_of([&] { MappedFile(folder / name); });
  };
  CHECK(message("pipe") == (folder / "pipe").string() + ": expected a file, found a pipe.");
  CHECK(message("missing") ==
        (folder / "missing").string() + ": cannot be opened: No such file or directory.");
  CHECK(message("empty") == (folder / "empty").string() + ": is empty.");
  CHECK(message("") == (folder / "").string() + ": expected a file, found a folder.");
  CHECK(contains(message_of([&] { digest_of_files({folder / "pipe"}); }), "found a pipe"));
}

TEST_CASE("SHA-256 gives the published value of 'abc', fed whole or in pieces") {
  const std::string expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  Sha256 whole;
  whole.update("abc");
  CHECK(whole.digest() == expected);
  Sha256 pieces;
  pieces.update("a");
  pieces.update("bc");
  CHECK(pieces.digest() == expected);
}

TEST_CASE("the digest of files depends on their bytes and on their sizes, not on their names") {
  const TemporaryFolder folder;
  write_file(folder / "a", "12");
  write_file(folder / "b", "3");
  write_file(folder / "c", "1");
  write_file(folder / "d", "23");
  write_file(folder / "e", "12");
  const auto digest = digest_of_files({folder / "a", folder / "b"});
  CHECK(digest == digest_of_files({folder / "e", folder / "b"}));
  CHECK(digest != digest_of_files({folder / "c", folder / "d"}));

  SECTION("a file that has changed has another digest") {
    write_file(folder / "b", "4");
    std::filesystem::last_write_time(
        folder / "b", std::filesystem::file_time_type::clock::now() + std::chrono::seconds(5));
    CHECK(digest != digest_of_files({folder / "a", folder / "b"}));
  }
  SECTION("even if its size and its time are set back") {
    const auto time = std::filesystem::last_write_time(folder / "b");
    write_file(folder / "b", "4");
    std::filesystem::last_write_time(folder / "b", time);
    CHECK(digest != digest_of_files({folder / "a", folder / "b"}));
  }
}
