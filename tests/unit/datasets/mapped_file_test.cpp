#include <sys/stat.h>

#include "fixtures.hpp"
#include "support/catch.hpp"
#include "varia/mapped_file.hpp"
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
}
