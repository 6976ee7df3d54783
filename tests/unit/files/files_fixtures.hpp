#pragma once

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "files/process.hpp"
#include "support/contains.hpp"
#include "support/temporary_folder.hpp"
#include "varia/error.hpp"

namespace varia::files {

using varia::contains;

using varia::testing::TemporaryFolder;

inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  if (!std::filesystem::exists(folder)) return names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// The message of the StoreError that `call` throws; "" when it throws none.
inline std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const StoreError& error) {
    return error.what();
  }
  return "";
}

/// Runs `work(0)` to `work(count - 1)` in processes of their own, started together.
/// @returns how many gave true; -1 where one of them crashed or threw
inline int race(int count, const std::function<bool(int)>& work) {
  int gate[2];
  if (::pipe(gate) != 0) throw std::runtime_error("no pipe");
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(gate[1]);
      char none = 0;
      if (::read(gate[0], &none, 1) != 0) ::_exit(2);  // ends when the parent closes its end
      int code = 2;
      try {
        code = work(i) ? 1 : 0;
      } catch (const std::exception&) {
      }
      ::_exit(code);
    }
    if (child < 0) throw std::runtime_error("no process");
    children.push_back(child);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  int winners = 0;
  bool good = true;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    good &= WIFEXITED(status) && WEXITSTATUS(status) < 2;
    winners += WIFEXITED(status) && WEXITSTATUS(status) == 1 ? 1 : 0;
  }
  return good ? winners : -1;
}

/// What the processes of `races` share.
struct RaceBoard {
  pthread_barrier_t start;
  std::atomic<int> failures;
  std::atomic<int> winners[256];
};

/// Lets `count` processes do `work(round, i)` for each round, all starting at once.
/// @returns [round] how many gave true; empty where one of them crashed or threw
inline std::vector<int> races(int count, int rounds, const std::function<bool(int, int)>& work) {
  void* memory =
      ::mmap(nullptr, sizeof(RaceBoard), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || rounds > 256) throw std::runtime_error("no board");
  auto& board = *static_cast<RaceBoard*>(memory);
  pthread_barrierattr_t shared;
  pthread_barrierattr_init(&shared);
  pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&board.start, &shared, static_cast<unsigned>(count));
  const int finished = race(count, [&](int i) {
    ::alarm(300);  // where another one has died, no one else comes to the barrier
    for (int round = 0; round < rounds; ++round) {
      pthread_barrier_wait(&board.start);
      try {
        board.winners[round] += work(round, i) ? 1 : 0;
      } catch (const std::exception&) {
        ++board.failures;
      }
    }
    return true;
  });
  std::vector<int> winners(board.winners, board.winners + rounds);
  if (finished != count || board.failures > 0) winners.clear();
  ::munmap(memory, sizeof(RaceBoard));
  return winners;
}

/// A process that has ended.
inline pid_t ended_process() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return child;
}

/// Writes the beat file of a run by hand.
inline void write_beat(const std::filesystem::path& folder, const std::string& run,
                       const Process& process, int beats = 1, int every = 0) {
  std::filesystem::create_directories(folder);
  const nlohmann::json beat = {{"host", process.host},
                               {"boot", process.boot},
                               {"space", process.space},
                               {"process", process.number},
                               {"started", process.started},
                               {"since", "2026-01-02T03:04:05Z"},
                               {"every", every},
                               {"beats", beats}};
  write_bytes(folder / run, beat.dump());
}

/// A process of another machine.
inline Process elsewhere() { return {"another-host", "another-boot", "pid:[1]", 4711, 99}; }

/// A run of this machine that was killed.
inline void write_dead_run(const std::filesystem::path& folder, const std::string& run) {
  Process process = this_process();
  process.number = ended_process();
  process.started = 1;
  write_beat(folder, run, process);
}

}  // namespace varia::files
