#include "cli/guarded_reading.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <filesystem>

#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia;
using cli::read_guarded;
using cli::text_read_guarded;
using cli::try_guarded;

namespace {

/// Not by way of the test framework's own handler.
int crash() {
  std::signal(SIGSEGV, SIG_DFL);
  return std::raise(SIGSEGV);
}

}  // namespace

TEST_CASE("what a guarded command returns and throws comes through") {
  CHECK(read_guarded({"none.h5"}, [] { return 0; }) == 0);
  CHECK(read_guarded({"none.h5"}, [] { return 75; }) == 75);
  CHECK(read_guarded({}, []() -> int { throw ConfigError("expected of this test"); }) == 2);
  CHECK(read_guarded({"expected.h5"}, []() -> int { throw std::bad_alloc(); }) == 2);
}

TEST_CASE("what a guarded reader finds or throws comes through, byte by byte") {
  std::string long_text(1 << 20, 'x');
  long_text[7] = '\0';
  CHECK(text_read_guarded({"none.h5"}, [&] { return long_text; }) == long_text);
  CHECK(text_read_guarded({"none.h5"}, [] { return std::string(); }).empty());
  const auto error_of = [](const std::function<std::string()>& read) {
    return results::error_of([&] { text_read_guarded({"damaged.h5"}, read); });
  };
  CHECK(error_of([]() -> std::string { throw ConfigError("expected 1, found 2"); }) ==
        "expected 1, found 2");
  CHECK(contains(error_of([]() -> std::string { throw std::bad_alloc(); }),
                 "damaged.h5: cannot be read with 2.1 GB of memory"));
  const auto read = [](const std::string&) { crash(); };
  const auto crashing = [&]() -> std::string {
    crash();
    return "";
  };
  CHECK(contains(
      results::error_of([&] { text_read_guarded({"damaged.h5"}, crashing, read); }),
      "damaged.h5: the process that read it was killed by signal 11 (Segmentation fault); it is "
      "damaged"));
}

TEST_CASE(
    "a command that crashes, hangs or takes all memory ends with an error that names the file") {
  const auto message = results::error_of(
      [] { read_guarded({"damaged.h5"}, crash, [](const std::string&) { crash(); }); });
  CHECK(contains(message, "damaged.h5: the process that read it was killed by signal 11"));
  CHECK(contains(message, "varia merge makes a merged file anew"));
  CHECK(read_guarded({"damaged.h5"}, [] {
          const std::vector<char> all(std::size_t{3} << 30U, 'x');
          return static_cast<int>(all[1] == 'y');
        }) == 2);
}

TEST_CASE("a command that never comes back is ended", "[slow]") {
  CHECK(contains(results::error_of([] {
                   read_guarded({"damaged.h5"}, [] {
                     for (volatile int i = 0;;) i = i + 1;
                     return 0;
                   });
                 }),
                 "damaged.h5: reading took more than 3 s of processor time"));
}

TEST_CASE("of many files the one that ended the process is named") {
  const std::vector<std::string> files = {"a.h5", "b.h5", "c.h5", "d.h5", "e.h5"};
  const auto read = [](const std::string& file) {
    if (file == "b.h5") throw StoreError(file, "is damaged, and says so");
    if (file == "d.h5") crash();
  };
  const auto all = [&] {
    for (const auto& file : files) {
      try {
        read(file);
      } catch (const StoreError&) {
      }
    }
  };
  const auto named = results::error_of([&] { try_guarded(files, all, read); });
  CHECK(contains(named, "d.h5: the process that read it was killed by signal 11"));
  CHECK(contains(results::error_of([&] {
                   read_guarded(
                       files,
                       [&] {
                         all();
                         return 0;
                       },
                       read);
                 }),
                 "d.h5: the process that read it was killed"));
  // If no single file does it, all are named, and none is called damaged.
  const auto none = [](const std::string&) {};
  const auto unknown = results::error_of([&] { try_guarded(files, all, none); });
  CHECK(contains(unknown, "a.h5 and 4 more files: the process that read it was killed"));
  CHECK(contains(unknown, "not known to be damaged"));
}

TEST_CASE("a file that makes its reader wait for ever is an error after a while", "[slow]") {
  const auto wait = [] {
    for (;;) ::pause();
    return 0;
  };
  const auto message = results::error_of(
      [&] { read_guarded({"stuck.h5"}, wait, [&](const std::string&) { wait(); }); });
  INFO(message);
  CHECK(contains(message, "stuck.h5: reading took more than"));
  // A busy machine or disk does the same.
  CHECK(contains(message, "not known to be damaged"));
}

TEST_CASE("a file that keeps its reader busy is named, whatever the command does", "[slow]") {
  const auto busy = [](const std::string&) {
    for (volatile int i = 0;;) i = i + 1;
  };
  for (const bool is_waiting : {true, false}) {
    const auto message = results::error_of([&] {
      const auto wait = [&]() -> std::string {
        while (is_waiting) ::pause();
        busy("");
        return "";
      };
      text_read_guarded({"sound.h5", "busy.h5"}, wait, [&](const std::string& file) {
        if (file == "busy.h5") busy(file);
      });
    });
    INFO(message);
    // On a machine that is very busy itself, the time is too short to tell more.
    CHECK(message.starts_with("busy.h5: reading took more than "));
    if (contains(message, "processor time"))
      CHECK(contains(message, "more than 0.5 s of processor time; it is damaged. Move it"));
  }
}

TEST_CASE("a command that works for longer than reading takes goes on", "[slow]") {
  const auto work = [](int seconds) {
    while (std::clock() < seconds * CLOCKS_PER_SEC) continue;
    return 7;
  };
  const auto read = [](const std::string&) {};
  CHECK(read_guarded(
            {"sound.h5"}, [&] { return work(1); }, read) == 7);
  CHECK(read_guarded(
            {"sound.h5"}, [&] { return work(4); }, read, 3) == 7);
  CHECK(text_read_guarded(
            {"sound.h5"}, [&] { return std::to_string(work(1)); }, read) == "7");
}

TEST_CASE("a limit or a signal from outside accuses no file") {
  const auto innocent = [](const std::string& message) {
    CHECK(contains(message, "sound.h5: the process that read it was killed by signal"));
    CHECK(contains(message, "not known to be damaged"));
  };
  // Even if reading the file alone would end the same way: the limit is there, too.
  for (const int signal : {SIGXFSZ, SIGTERM, SIGALRM, SIGUSR2, SIGVTALRM}) {
    CAPTURE(signal);
    const auto end = [signal] {
      std::signal(signal, SIG_DFL);
      return std::raise(signal);
    };
    innocent(results::error_of(
        [&] { read_guarded({"sound.h5"}, end, [&](const std::string&) { end(); }); }));
  }
}

TEST_CASE("a crash that does not come again accuses no file") {
  const auto message =
      results::error_of([] { read_guarded({"sound.h5"}, crash, [](const std::string&) {}); });
  CHECK(contains(message, "sound.h5: the process that read it was killed by signal 11"));
  CHECK(contains(message, "not known to be damaged"));
}

TEST_CASE("memory that the user does not allow accuses no file") {
  // In a process of its own, whose limit ends with it.
  const auto text = text_read_guarded({"sound.h5"}, [] {
    rlimit limit{};
    ::getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = limit.rlim_max = rlim_t{4} << 40U;
    ::setrlimit(RLIMIT_AS, &limit);
    return results::error_of(
        [] { text_read_guarded({"sound.h5"}, []() -> std::string { throw std::bad_alloc(); }); });
  });
  CHECK(contains(text, "with the memory that this process may have (ulimit)"));
  CHECK_FALSE(contains(text, "damaged"));
}

TEST_CASE("what is tried in another process changes nothing in this one") {
  int here = 0;
  try_guarded({"none.h5"}, [&] { here = 1; }, {});
  CHECK(here == 0);
  try_guarded({"none.h5"}, []() -> void { throw ConfigError("found out again here"); }, {});
}

TEST_CASE("a reader that is killed from outside is tried again, and accuses no file") {
  results::TemporaryFolder folder;
  const auto mark = folder / "killed_once";
  const auto once = [&] {
    if (!std::filesystem::exists(mark)) {
      results::write_bytes(mark, "");
      ::raise(SIGKILL);
    }
    return std::string("read");
  };
  CHECK(text_read_guarded({"sound.h5"}, once) == "read");
  const auto message = results::error_of([] {
    text_read_guarded({"sound.h5"}, []() -> std::string {
      ::raise(SIGKILL);
      return "";
    });
  });
  CHECK(contains(message, "sound.h5: the process that read it was killed"));
  CHECK(contains(message, "not known to be damaged"));
}
