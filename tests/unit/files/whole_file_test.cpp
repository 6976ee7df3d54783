#include "files/whole_file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "files/folder_entries.hpp"
#include "support/catch.hpp"
#include "unit/files/files_fixtures.hpp"

using namespace varia::files;

TEST_CASE("a whole file is written with its folder and replaces what was there") {
  const TemporaryFolder folder;
  const std::string path = folder / "a/b/file";
  const Lasting lasting = GENERATE(Lasting::yes, Lasting::no);
  write_whole_file(path, "one", lasting);
  CHECK(bytes_of(path) == "one");
  write_whole_file(path, std::string("\0two", 4), lasting);
  CHECK(read_whole_file(path, 4) == std::string("\0two", 4));
  CHECK(names_in(folder / "a/b") == std::vector<std::string>{"file"});
}

TEST_CASE("no two temporary names are equal, so that none is written through a link in its place") {
  const TemporaryFolder folder;
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) names.insert(temporary_beside(folder / "file"));
  CHECK(names.size() == 100);
  CHECK(names_in(folder.path()).empty());
}

TEST_CASE("the temporary file of a process that ended is removed though no one has asked how") {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t ended{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
  auto left = temporary_beside(folder / "file");
  const auto own = "-" + std::to_string(::getpid()) + "-";
  left.replace(left.rfind(own), own.size(), "-" + std::to_string(child) + "-");
  write_bytes(left, "half");
  write_whole_file(folder / "file", "new");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"file"});
  ::waitpid(child, nullptr, 0);
}

TEST_CASE("a file that cannot be written is named, and no temporary file stays") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "file/inner");
  CHECK(contains(error_of([&] { write_whole_file(folder / "file", "x"); }), "cannot be written"));
  CHECK(names_in(folder.path()) == std::vector<std::string>{"file"});
  CHECK(contains(error_of([&] { write_whole_file("/proc/none/file", "x"); }), "cannot be made"));
}

TEST_CASE("a file that is written piece by piece is there once it is committed, and not before") {
  const TemporaryFolder folder;
  const std::string path = folder / "a/file";
  {
    WholeFile file(path);
    file.write("one, ");
    file.write("two");
    CHECK_FALSE(std::filesystem::exists(path));
    file.commit();
  }
  CHECK(bytes_of(path) == "one, two");
  WholeFile(path).write("half");
  CHECK(bytes_of(path) == "one, two");
  CHECK(names_in(folder / "a") == std::vector<std::string>{"file"});
}

TEST_CASE("a file of which a piece could not be written is not committed") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  write_bytes(path, "old");
  const auto fails_twice = [&](int) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10, 10};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    WholeFile file(path);
    const std::string reason = path + ": cannot be written: File too large";
    return error_of([&] { file.write("more than ten bytes"); }) == reason &&
           error_of([&] { file.commit(); }) == reason;
  };
  CHECK(race(1, fails_twice) == 1);
  CHECK(bytes_of(path) == "old");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"file"});
}

TEST_CASE("only regular files of a bounded size are read") {
  const TemporaryFolder folder;
  write_bytes(folder / "file", "12345");
  CHECK(read_whole_file(folder / "file", 5) == "12345");
  CHECK(
      contains(error_of([&] { read_whole_file(folder / "file", 4); }), "larger than the 4 bytes"));
  CHECK(contains(error_of([&] { read_whole_file(folder / "none", 4); }), "No such file"));
  CHECK(contains(error_of([&] { read_whole_file(folder.path(), 4); }), "is not a regular file"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK(contains(error_of([&] { read_whole_file(folder / "pipe", 4); }), "is not a regular file"));
  CHECK(contains(error_of([&] { read_whole_file("/dev/zero", 4); }), "is not a regular file"));
}

TEST_CASE("a new file is published where there is none, and only there") {
  const TemporaryFolder folder;
  const auto publish = GENERATE(publish_new, claim_and_rename);
  write_bytes(folder / "mine", "mine");
  write_bytes(folder / "other", "other");
  CHECK(publish(folder / "mine", folder / "deep/place"));
  CHECK(bytes_of(folder / "deep/place") == "mine");
  CHECK_FALSE(std::filesystem::exists(folder / "mine"));
  CHECK_FALSE(publish(folder / "other", folder / "deep/place"));
  CHECK(bytes_of(folder / "deep/place") == "mine");
  CHECK(bytes_of(folder / "other") == "other");
  CHECK(contains(error_of([&] { publish(folder / "none", folder / "new"); }), "none"));
  CHECK_FALSE(std::filesystem::exists(folder / "new"));
}

TEST_CASE("a publication that was interrupted between its two steps can be repeated") {
  const TemporaryFolder folder;
  write_bytes(folder / "mine", "mine");
  std::filesystem::create_hard_link(folder / "mine", folder / "place");
  CHECK(publish_new(folder / "mine", folder / "place"));
  CHECK(names_in(folder.path()) == std::vector<std::string>{"place"});
}

TEST_CASE("a file is published over another one") {
  const TemporaryFolder folder;
  write_bytes(folder / "mine", "mine");
  write_bytes(folder / "place", "old");
  publish_over(folder / "mine", folder / "place");
  CHECK(bytes_of(folder / "place") == "mine");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"place"});
  CHECK_THROWS_AS(publish_over(folder / "none", folder / "place"), varia::StoreError);
}

TEST_CASE("a folder is put in the place of another one, which is removed") {
  const TemporaryFolder folder;
  const auto replace = GENERATE(replace_folder, replace_in_two_steps);
  std::filesystem::create_directories(folder / "old/inner");
  std::filesystem::create_directory(folder / "new");
  write_bytes(folder / "new/file", "new");
  replace(folder / "new", folder / "old");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"old"});
  CHECK(names_in(folder / "old") == std::vector<std::string>{"file"});
}

TEST_CASE("a folder that cannot be replaced stays where it is") {
  const TemporaryFolder folder;
  const auto replace = GENERATE(replace_folder, replace_in_two_steps);
  std::filesystem::create_directory(folder / "old");
  write_bytes(folder / "old/file", "old");
  CHECK(contains(error_of([&] { replace(folder / "none", folder / "old"); }), "No such file"));
  CHECK(names_in(folder.path()) == std::vector<std::string>{"old"});
  CHECK(names_in(folder / "old") == std::vector<std::string>{"file"});
}

TEST_CASE("of eight processes that publish one name at once exactly one succeeds", "[slow]") {
  const TemporaryFolder folder;
  const auto publish = GENERATE(publish_new, claim_and_rename);
  const auto mine = [&](int round, int i) {
    return folder / (std::to_string(round) + "." + std::to_string(i));
  };
  const auto place = [&](int round) { return folder / ("place" + std::to_string(round)); };
  const std::vector<int> winners = races(8, 200, [&](int round, int i) {
    write_bytes(mine(round, i), std::to_string(i));
    const bool won = publish(mine(round, i), place(round));
    return won && bytes_of(place(round)) == std::to_string(i);
  });
  CHECK(winners == std::vector<int>(200, 1));
  for (int round = 0; round < 200; ++round) {
    int losers = 0;
    for (int i = 0; i < 8; ++i) losers += std::filesystem::exists(mine(round, i)) ? 1 : 0;
    CHECK(losers == 7);
  }
}

TEST_CASE("temporary files of dead processes are removed, those of others when they are old") {
  const TemporaryFolder folder;
  const std::string path = folder / "sweep.h5";
  const std::string beside = path + "." + place_mark() + "-";
  CHECK(contains(temporary_beside(path), beside + std::to_string(::getpid()) + "-"));
  const std::string elsewhere = path + ".0123abcd-4026531836-";
  const std::string old = elsewhere + "1-0123abcd.tmp";
  // Of the user, and in no way temporary.
  const std::string backup = path + ".backup.tmp";
  const std::vector<std::string> kept = {beside + std::to_string(::getppid()) + "-0123abcd.tmp",
                                         elsewhere + "2-0123abcd.tmp",
                                         beside + ".tmp",
                                         beside + "12x-0123abcd.tmp",
                                         beside + "99999999999999999999-0123abcd.tmp",
                                         backup,
                                         path,
                                         folder / "other.h5.tmp"};
  for (const std::string& name : kept) write_bytes(name, "");
  write_bytes(beside + std::to_string(ended_process()) + "-0123abcd.tmp", "");
  write_bytes(old, "");
  for (const auto& name : {old, backup})
    std::filesystem::last_write_time(
        name, std::filesystem::last_write_time(path) - std::chrono::hours(25));
  temporary_beside(path);
  CHECK(names_in(folder.path()).size() == kept.size());
  for (const std::string& name : kept) CHECK(std::filesystem::exists(name));
}

TEST_CASE("folders that dead processes left are removed, others of such an ending are not") {
  const TemporaryFolder folder;
  const std::string path = folder / "model";
  const auto dead = path + "." + place_mark() + "-" + std::to_string(ended_process()) + "-";
  const auto old = std::filesystem::last_write_time(folder.path()) - std::chrono::hours(25);
  const auto make = [&](const std::string& name) {
    std::filesystem::create_directories(name + "/inner");
    std::filesystem::last_write_time(name, old);
  };
  const std::vector<std::string> left = {dead + "0123abcd.tmp",
                                         path + ".0123abcd-4026531836-1-0123abcd.tmp"};
  const std::vector<std::string> kept = {dead + "mine.tmp", path + ".old.tmp", path};
  for (const std::string& name : left) make(name);
  for (const std::string& name : kept) make(name);
  std::filesystem::create_directory_symlink(path, dead + "01234567.tmp");
  write_bytes(folder / "new", "");
  temporary_beside(path);
  CHECK(names_in(folder.path()).size() == kept.size() + 1);
  for (const std::string& name : kept) CHECK(std::filesystem::exists(name + "/inner"));
}

TEST_CASE("what lies in a folder is listed, and what is no folder is an error") {
  const TemporaryFolder folder;
  write_bytes(folder / "file", "");
  std::error_code error;
  const auto entries = folder_entries(folder.path(), error);
  CHECK_FALSE(error);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].path() == folder / "file");
  CHECK(folder_entries(folder / "none", error).empty());
  CHECK(error == std::errc::no_such_file_or_directory);
  CHECK(folder_entries(folder / "file", error).empty());
  CHECK(error == std::errc::not_a_directory);
}

TEST_CASE("a file is old if its folder was changed more than a day after it was written") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  CHECK_FALSE(is_old(path));
  write_bytes(path, "");
  CHECK_FALSE(is_old(path));
  const auto written = std::filesystem::last_write_time(path);
  std::filesystem::last_write_time(path, written - std::chrono::hours(25));
  CHECK(is_old(path));
  std::filesystem::last_write_time(path, written - std::chrono::hours(23));
  CHECK_FALSE(is_old(path));
}

TEST_CASE("of several processes that write one file at once none sees half of it", "[slow]") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  const std::string one(100'000, '1');
  const std::string two(100'000, '2');
  write_whole_file(path, one);
  const auto winners = races(4, 200, [&](int, int i) {
    write_whole_file(path, i % 2 == 0 ? one : two, Lasting::no);
    const auto read = read_whole_file(path, 100'000);
    return read == one || read == two;
  });
  CHECK(winners == std::vector<int>(200, 4));
  CHECK(names_in(folder.path()) == std::vector<std::string>{"file"});
}
